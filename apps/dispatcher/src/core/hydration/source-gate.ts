/** Failures in a row after which a source is left alone for a while. */
const FAILURES = 5;
const FIRST_SHUT_MS = 1_000;
const MAX_SHUT_MS = 60_000;
/** Of what a source may ask for by `Retry-After`. */
const MAX_ASKED_MS = 5 * 60_000;

/**
 * Whether a source of entities is asked. One that fails again and again is asked by one reading at a time, and seldom, so
 * that those that wait for it do not keep the places of an endpoint that is well. Times are monotonic milliseconds.
 */
export class SourceGate {
  private failures = 0;
  private shutUntilMs = 0;
  private probing = false;
  private why = '';

  /** What failed last. */
  get lastFailure(): string {
    return this.why;
  }

  /** For how long it is shut, 0 where it may be asked now: then exactly one of `succeeded` and `failed` is to be called. */
  enter(nowMs: number): number {
    if (nowMs < this.shutUntilMs) return this.shutUntilMs - nowMs;
    if (this.failures < FAILURES) return 0;
    if (this.probing) return FIRST_SHUT_MS;
    this.probing = true;
    return 0;
  }

  succeeded(): void {
    this.failures = 0;
    this.shutUntilMs = 0;
    this.probing = false;
  }

  /** @param askedMs how long the source asked to be left alone, 0 where it did not */
  failed(why: string, askedMs: number, nowMs: number): void {
    this.failures += 1;
    this.probing = false;
    this.why = why;
    const backoffMs =
      this.failures < FAILURES ? 0 : Math.min(MAX_SHUT_MS, FIRST_SHUT_MS * 2 ** Math.min(10, this.failures - FAILURES));
    const shutMs = Math.max(backoffMs, Math.min(MAX_ASKED_MS, askedMs));
    this.shutUntilMs = Math.max(this.shutUntilMs, nowMs + shutMs);
  }
}
