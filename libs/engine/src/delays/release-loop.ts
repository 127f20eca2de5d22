import type { RetryScheduler } from './retry-scheduler.js';

/** Longest nap: a clock that was set forward is noticed within it. */
const MAX_NAP_MS = 1_000;

export interface ReleaseLoopParts {
  readonly scheduler: Pick<RetryScheduler, 'nextWakeAtMs' | 'release'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs something once, after some milliseconds; what it returns takes that back. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
  readonly onDefect: (error: unknown) => void;
}

/** Runs `release` whenever something wakes: one at a time, by one timer, armed anew after each intake. */
export class ReleaseLoop {
  private disarm: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly parts: ReleaseLoopParts) {}

  /** To be called after each intake: an earlier record may have come. */
  arm(): void {
    if (this.stopped || this.running) return;
    this.disarm();
    const { scheduler, now, after } = this.parts;
    const wakeAtMs = scheduler.nextWakeAtMs;
    if (wakeAtMs === undefined) return;
    const napMs = Math.min(MAX_NAP_MS, Math.max(0, wakeAtMs - now()));
    this.disarm = after(napMs, () => this.run());
  }

  /** Starts nothing more and resolves when what was under way is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.disarm();
    await this.running;
  }

  private run(): void {
    this.running = this.releaseAll()
      .catch(this.parts.onDefect)
      .finally(() => {
        this.running = undefined;
        this.arm();
      });
  }

  private async releaseAll(): Promise<void> {
    while (!this.stopped && (await this.parts.scheduler.release()));
  }
}
