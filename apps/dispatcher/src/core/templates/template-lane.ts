/** One rendering to be done. */
export interface TemplateJob {
  readonly expression: string;
  /** JSON text of what the template sees; made when its turn comes. */
  readonly input: () => string;
}

export type TemplateResult =
  | { readonly kind: 'rendered'; readonly text: string; readonly isJson: boolean }
  /** The template's fault; `message` repeats none of the data. */
  | { readonly kind: 'failed'; readonly message: string }
  /** It has not come to an end in time. */
  | { readonly kind: 'overran' }
  /** The thread it ran in has ended: it took too much memory, or something else went wrong. */
  | { readonly kind: 'died' }
  /** It was not begun. */
  | { readonly kind: 'not-begun' };

/** A thread that renders what it is given, one after another. */
export interface TemplateWorker {
  post(jobs: readonly { readonly expression: string; readonly input: string }[]): void;
  terminate(): void;
}

export interface TemplateWorkerEvents {
  readonly onResult: (result: Extract<TemplateResult, { kind: 'rendered' | 'failed' }>) => void;
  /** It has ended without being told to. */
  readonly onDied: () => void;
}

export interface TemplateLaneParts {
  /** Resolves when it takes jobs. */
  readonly start: (events: TemplateWorkerEvents) => Promise<TemplateWorker>;
  /** Calls back once after so many milliseconds, after what has arrived until then was read; returns how to call it off. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

interface Waiting {
  readonly job: TemplateJob;
  readonly settle: (result: TemplateResult) => void;
}

/** Over one rendering. */
const TEMPLATE_LIMIT_MS = 500;
/** A message between threads costs as much as a small rendering. */
const BATCH = 16;

/** Renderings in one thread, in the order they come. A thread that does not come to an end is taken down, and another one goes on. */
export class TemplateLane {
  private waiting: Waiting[] = [];
  private running: Waiting[] = [];
  private worker: TemplateWorker | undefined;
  private starting = false;
  private closed = false;
  private callOff: () => void = () => undefined;

  constructor(private readonly parts: TemplateLaneParts) {}

  /** @param patienceMs how long it may wait for its turn */
  run(job: TemplateJob, patienceMs: number): Promise<TemplateResult> {
    return new Promise((resolve) => {
      const item: Waiting = {
        job,
        settle: (result) => {
          callOff();
          resolve(result);
        },
      };
      const callOff = this.parts.after(patienceMs, () => {
        if (!this.waiting.includes(item)) return;
        this.waiting = this.waiting.filter((one) => one !== item);
        item.settle({ kind: 'not-begun' });
      });
      this.waiting.push(item);
      void this.next();
    });
  }

  close(): void {
    this.closed = true;
    for (const { settle } of [...this.running, ...this.waiting]) settle({ kind: 'not-begun' });
    this.waiting = [];
    this.retire();
  }

  private async next(): Promise<void> {
    if (this.closed || this.starting || this.running.length > 0 || this.waiting.length === 0) return;
    this.worker ??= await this.started();
    if (!this.worker || this.running.length > 0) return;
    const batch = this.waiting.splice(0, BATCH);
    if (batch.length === 0) return;
    this.running = batch;
    this.worker.post(batch.map(({ job: { expression, input } }) => ({ expression, input: input() })));
    this.limit();
  }

  private async started(): Promise<TemplateWorker | undefined> {
    this.starting = true;
    try {
      const worker = await this.parts.start({ onResult: (result) => this.finished(result), onDied: () => this.died() });
      if (!this.closed) return worker;
      worker.terminate();
    } catch {
      for (const { settle } of this.waiting.splice(0)) settle({ kind: 'died' });
    } finally {
      this.starting = false;
    }
    return undefined;
  }

  private finished(result: TemplateResult): void {
    this.callOff();
    this.running.shift()?.settle(result);
    if (this.running.length > 0) this.limit();
    else void this.next();
  }

  private limit(): void {
    this.callOff = this.parts.after(TEMPLATE_LIMIT_MS, () => this.give({ kind: 'overran' }));
  }

  private died(): void {
    this.callOff();
    this.give({ kind: 'died' });
  }

  /** What the one that runs comes to; those behind it have not begun and wait for another thread. */
  private give(result: TemplateResult): void {
    const [first, ...others] = this.running;
    this.waiting.unshift(...others);
    this.retire();
    first?.settle(result);
    void this.next();
  }

  private retire(): void {
    this.callOff();
    this.running = [];
    this.worker?.terminate();
    this.worker = undefined;
  }
}
