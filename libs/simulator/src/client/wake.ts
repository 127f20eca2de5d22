import { type Clock, type Timer } from '../clock/clock.js';

/** Wakes who waits; a notification with nobody waiting wakes the next to wait. One waiter at a time. */
export class Wake {
  #notified = false;
  #resolve: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  notify(): void {
    this.#notified = true;
    this.#resolve?.();
  }

  /** Resolves at the next notification or after the time, if there is one. */
  async wait(timeoutMs?: number): Promise<void> {
    let timer: Timer | undefined;
    if (!this.#notified) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        if (timeoutMs !== undefined) timer = this.clock.setTimeout(resolve, timeoutMs);
      });
    }
    this.clock.clearTimeout(timer);
    this.#resolve = undefined;
    this.#notified = false;
  }
}
