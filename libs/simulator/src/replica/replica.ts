import { type Clock, type Timer } from '../clock/clock.js';
import { type ScheduledEvent } from '../clock/event-heap.js';
import { type Scheduler } from '../clock/scheduler.js';
import { type SeededRandom } from '../clock/seeded-random.js';

export type ReplicaState = 'running' | 'frozen' | 'dead';

interface Arrival {
  readonly source: 'timer' | 'network';
  readonly run: () => void;
}

/**
 * One operating-system process: everything a program under test learns of the world, timers and answers, comes through
 * here. `kill` is SIGKILL: nothing of it ever runs again. `freeze` is SIGSTOP: what arrives waits until `thaw`, while the
 * clocks go on.
 */
export class Replica implements Clock {
  #state: ReplicaState = 'running';
  #waiting: Arrival[] = [];
  #onTerminate: (() => Promise<void>) | undefined;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    readonly random: SeededRandom,
  ) {}

  get state(): ReplicaState {
    return this.#state;
  }

  kill(): void {
    this.#state = 'dead';
    this.#waiting = [];
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    for (const { source, run } of this.#inOrderOfWaking(this.#waiting.splice(0))) {
      this.scheduler.after(0, () => {
        this.arrive(source, run);
      });
    }
  }

  /** What SIGTERM does; `terminate` of one without it kills. */
  onTerminate(drain: () => Promise<void>): void {
    this.#onTerminate = drain;
  }

  /** SIGTERM: resolves when the program has drained and is gone. A kill meanwhile leaves it open for ever. */
  async terminate(): Promise<void> {
    if (this.#state === 'running') await this.#onTerminate?.();
    this.kill();
  }

  /** Lets something from outside in: now, at the thaw, or never. */
  arrive(source: Arrival['source'], run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'frozen') this.#waiting.push({ source, run });
  }

  now(): number {
    return this.scheduler.nowMs;
  }

  performanceNow(): number {
    return this.scheduler.elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const event: ScheduledEvent = this.scheduler.after(wholeDelay(delayMs), () => {
      this.arrive('timer', () => {
        if (!event.cancelled) callback();
      });
    });
    return event;
  }

  clearTimeout(timer: Timer | undefined): void {
    if (timer !== undefined) timer.cancelled = true;
  }

  setInterval(callback: () => void, intervalMs: number): Timer {
    const interval: Timer = { cancelled: false };
    const again = () => {
      this.setTimeout(() => {
        if (interval.cancelled) return;
        again();
        callback();
      }, intervalMs);
    };
    again();
    return interval;
  }

  clearInterval(timer: Timer | undefined): void {
    this.clearTimeout(timer);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.setTimeout(resolve, delayMs);
    });
  }

  /** Whether overdue timers or readable sockets come first depends on where in its event loop a process was stopped. */
  #inOrderOfWaking(arrivals: readonly Arrival[]): readonly Arrival[] {
    const first = this.random.pick(['timer', 'network', 'as-arrived']);
    if (first === 'as-arrived') return arrivals;
    return [...arrivals.filter(({ source }) => source === first), ...arrivals.filter(({ source }) => source !== first)];
  }
}

function wholeDelay(delayMs: number): number {
  return delayMs >= 1 ? Math.trunc(delayMs) : 1;
}
