const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// npm passes on the Ctrl-C that the terminal has already sent to us.
const SAME_KEYPRESS_MS = 1_000;
const NPM_POLL_MS = 250;

/** Turns Ctrl-C and its like into one request to stop; a second one, later, into one to hurry. */
export class StopSignals {
  private readonly controller = new AbortController();
  private requestedAt: number | undefined;
  private hurry: () => Promise<void> = () => Promise.resolve();
  /** Resolves when stopping is requested. */
  readonly requested: Promise<void>;

  constructor() {
    this.requested = new Promise((resolve) => {
      this.controller.signal.addEventListener('abort', () => {
        resolve();
      });
    });
    for (const signal of SIGNALS) process.on(signal, () => this.onSignal());
    if (process.env['npm_lifecycle_event'] !== undefined) this.watchNpm();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** As if a signal had come. */
  now(): void {
    this.controller.abort(new Error('stopping'));
  }

  onSecond(hurry: () => Promise<void>): void {
    this.hurry = hurry;
  }

  /** npm cannot tell us that it was killed; what it started must not outlive it. */
  private watchNpm(): void {
    const npm = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === npm) return;
      clearInterval(timer);
      this.now();
    }, NPM_POLL_MS);
    timer.unref();
  }

  private onSignal(): void {
    const at = performance.now();
    if (this.requestedAt === undefined) {
      this.requestedAt = at;
      this.now();
    } else if (at - this.requestedAt > SAME_KEYPRESS_MS) {
      void this.hurry();
    }
  }
}
