const FIRST_SIZE = 16;

/**
 * How many requests an endpoint is given at once: doubles from 16 while all goes well, is halved when it says that it is
 * too much (a timeout, 429 or 5xx), and from then on grows by one for each windowful of successes.
 */
export class AdaptiveWindow {
  private size = FIRST_SIZE;
  private slowStart = true;
  private cutAtMs = Number.NEGATIVE_INFINITY;

  /** @param limit the subscription's own bound */
  within(limit: number): number {
    return Math.max(1, Math.min(limit, Math.floor(this.size)));
  }

  succeeded(limit: number): void {
    const grown = this.size + (this.slowStart ? 1 : 1 / this.size);
    this.size = Math.max(1, Math.min(limit, grown));
  }

  /** Requests that started before the last cut say nothing about the smaller window. */
  congested(startedAtMs: number, nowMs: number): void {
    if (startedAtMs < this.cutAtMs) return;
    this.size = Math.max(1, this.size / 2);
    this.slowStart = false;
    this.cutAtMs = nowMs;
  }
}
