const REDRAW_MS = 200;
const PLAIN_LINE_MS = 10_000;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/**
 * Lines for a person: on a terminal, one line below them that moves while something is going on; elsewhere the step
 * when it begins and now and then how long it takes.
 */
export class Progress {
  private step: { what: string; detail: string; readonly startedAt: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;

  constructor(private readonly terminal: NodeJS.WriteStream = process.stdout) {}

  /** Prints a line for good. */
  say(line: string): void {
    this.clear();
    this.terminal.write(`${line}\n`);
    this.draw();
  }

  /** Shows `what` as going on until `work` ends. */
  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.begin(what);
    try {
      return await work();
    } finally {
      this.end();
    }
  }

  /** More about the step that is going on. */
  detail(detail: string): void {
    if (this.step) this.step.detail = ` (${detail})`;
  }

  private begin(what: string): void {
    this.step = { what, detail: '', startedAt: performance.now() };
    if (!this.terminal.isTTY) this.terminal.write(`${what} …\n`);
    const tick = () => {
      if (this.terminal.isTTY) this.draw();
      else this.terminal.write(`${this.text()}\n`);
    };
    this.draw();
    this.timer = setInterval(tick, this.terminal.isTTY ? REDRAW_MS : PLAIN_LINE_MS);
  }

  private end(): void {
    clearInterval(this.timer);
    this.clear();
    this.step = undefined;
  }

  private draw(): void {
    if (!this.terminal.isTTY || !this.step) return;
    this.frame = (this.frame + 1) % SPINNER.length;
    this.clear();
    this.terminal.write(`${SPINNER[this.frame] ?? ''} ${this.text()}`.slice(0, this.terminal.columns));
  }

  private clear(): void {
    if (this.terminal.isTTY) this.terminal.write('\r\x1b[K');
  }

  private text(): string {
    if (!this.step) return '';
    const seconds = Math.round((performance.now() - this.step.startedAt) / 1_000);
    return `${this.step.what} … ${seconds} s${this.step.detail}`;
  }
}
