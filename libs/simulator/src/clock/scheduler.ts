import { EventHeap, type ScheduledEvent } from './event-heap.js';

/** How often the real event loop gets a turn, counted in events: a test runner's own timers live there. */
const REAL_TURN_EVERY = 2_048;

export interface RunLimits {
  /** Virtual time after which a run gives up. Milliseconds. */
  readonly withinMs?: number;
}

/**
 * Virtual time. An event runs, then everything it has set in motion (all microtasks), then the next event: real time
 * passes nowhere, and the same events in the same order make the same run. Code that is run here must wait for nothing
 * real: no sockets, no files, no global timers.
 */
export class Scheduler {
  readonly #heap = new EventHeap();
  readonly #epochMs: number;
  #elapsedMs = 0;
  #sequence = 0;
  #ran = 0;

  /** @param startMs the wall clock at the start, milliseconds since the epoch */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#epochMs = startMs;
  }

  /** Milliseconds since the start, with fractions. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** Milliseconds since the epoch, whole. */
  get nowMs(): number {
    return this.#epochMs + Math.floor(this.#elapsedMs);
  }

  /** Events run so far. */
  get eventsRun(): number {
    return this.#ran;
  }

  /** Runs something after a delay, with fractions; 0 is: after what is scheduled for now already. */
  after(delayMs: number, run: () => void): ScheduledEvent {
    this.#sequence += 1;
    const atMs = this.#elapsedMs + Math.max(0, delayMs);
    const event = { atMs, sequence: this.#sequence, run, cancelled: false };
    this.#heap.push(event);
    return event;
  }

  /** Runs all that is due within a stretch of virtual time, at the end of which it then is. */
  async runFor(durationMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + durationMs;
    await this.#drain();
    while (await this.#step(untilMs));
    this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
  }

  /** Runs until nothing is scheduled any more. @throws after `withinMs` (default a day): an interval never ends */
  async runUntilIdle({ withinMs = 86_400_000 }: RunLimits = {}): Promise<void> {
    const untilMs = this.#elapsedMs + withinMs;
    await this.#drain();
    while (await this.#step(untilMs));
    if (this.#heap.peek() !== undefined) throw new Error(`Not idle after ${withinMs} ms of virtual time`);
  }

  /** Runs until a promise has settled. @throws what it rejects with; where nothing is left to run; after `withinMs` (default a day) */
  async runUntilSettled<T>(work: Promise<T>, { withinMs = 86_400_000 }: RunLimits = {}): Promise<T> {
    const untilMs = this.#elapsedMs + withinMs;
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    await this.#drain();
    while (!settled && (await this.#step(untilMs)));
    if (!settled) throw new Error(`What was waited for has not come by ${this.#elapsedMs} ms of virtual time`);
    return work;
  }

  /** False where nothing is due by then. */
  async #step(untilMs: number): Promise<boolean> {
    let event = this.#heap.peek();
    while (event?.cancelled === true) {
      this.#heap.pop();
      event = this.#heap.peek();
    }
    if (event === undefined || event.atMs > untilMs) return false;
    this.#heap.pop();
    this.#elapsedMs = event.atMs;
    this.#ran += 1;
    event.run();
    await this.#drain();
    return true;
  }

  /** Node runs a tick's callback when no microtask is left, far cheaper than a turn of the event loop. */
  #drain(): Promise<void> {
    const isRealTurn = this.#ran % REAL_TURN_EVERY === 0;
    return new Promise((resolve) => {
      if (isRealTurn) setImmediate(resolve);
      else process.nextTick(resolve);
    });
  }
}
