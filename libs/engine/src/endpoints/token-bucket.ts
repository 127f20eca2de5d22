/** Lets `perSecond` starts through in the long run, and at most one second's worth at once. */
export class TokenBucket {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    private perSecond: number,
    nowMs: number,
  ) {
    this.tokens = this.capacity;
    this.filledAtMs = nowMs;
  }

  /** Settings have changed. */
  limitTo(perSecond: number): void {
    this.perSecond = perSecond;
  }

  hasToken(nowMs: number): boolean {
    this.fill(nowMs);
    return this.tokens >= 1;
  }

  take(nowMs: number): void {
    this.fill(nowMs);
    this.tokens -= 1;
  }

  private get capacity(): number {
    return Math.max(1, this.perSecond);
  }

  private fill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.filledAtMs);
    this.tokens = Math.min(this.capacity, this.tokens + (elapsedMs * this.perSecond) / 1_000);
    this.filledAtMs = nowMs;
  }
}
