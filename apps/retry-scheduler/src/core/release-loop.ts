import type { RetryScheduler } from './retry-scheduler.js';

/** Longest nap: a clock that was set forward is noticed within it. */
const MAX_NAP_MS = 1_000;

/** Runs `release` whenever something wakes: one at a time, by one timer, armed anew after each intake. */
export class ReleaseLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly scheduler: RetryScheduler,
    private readonly now: () => number,
    private readonly onDefect: (error: unknown) => void,
  ) {}

  /** To be called after each intake: an earlier record may have come. */
  arm(): void {
    if (this.stopped || this.running) return;
    clearTimeout(this.timer);
    const wakeAtMs = this.scheduler.nextWakeAtMs;
    if (wakeAtMs === undefined) return;
    const napMs = Math.min(MAX_NAP_MS, Math.max(0, wakeAtMs - this.now()));
    this.timer = setTimeout(() => this.run(), napMs);
  }

  /** Starts nothing more and resolves when what was under way is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private run(): void {
    this.running = this.releaseAll()
      .catch(this.onDefect)
      .finally(() => {
        this.running = undefined;
        this.arm();
      });
  }

  private async releaseAll(): Promise<void> {
    while (!this.stopped && (await this.scheduler.release()));
  }
}
