import type { EndpointBar } from '@hookstream/contracts';

/** What comes back first, per second. */
const FIRST_PER_SECOND = 10;
const FAST_GROWTH = 2;
const CAREFUL_GROWTH = 1.1;
const PROBE_EVERY_MS = 30_000;
/** Seconds' worth in memory: whole stretches of the log are read for what goes, and the less often the better. */
const AHEAD_SECONDS = 6;
/** What was not used longer ago than this is not made up for. */
const LONGEST_STEP_MS = 1_000;

/**
 * How fast a subscription's parked records go back. Ten a second at first, twice as many each second, until its endpoint
 * overflows: then half, and from there on by a tenth a second. After an outage it begins anew. Of an open breaker whose
 * time is over one record goes, to probe, and another one only when nobody has told what became of it for 30 s.
 */
export class Valve {
  private perSecond = FIRST_PER_SECOND;
  private tokens = FIRST_PER_SECOND;
  private growth = FAST_GROWTH;
  private isOverflowing = false;
  private probedAtMs = Number.NEGATIVE_INFINITY;
  private askedAtMs: number;

  constructor(
    private readonly mostPerSecond: number,
    nowMs: number,
  ) {
    this.askedAtMs = nowMs;
  }

  get usedAtMs(): number {
    return this.askedAtMs;
  }

  /** How many records may wait in memory for it to open. */
  room(bar: EndpointBar | undefined, most: number, nowMs: number): number {
    if (!bar) return Math.min(most, Math.max(FIRST_PER_SECOND, Math.ceil(AHEAD_SECONDS * this.perSecond)));
    return bar.kind === 'probe-due' && this.mayProbe(bar.sinceMs, nowMs) ? 1 : 0;
  }

  /** How many may go now. */
  allows(bar: EndpointBar | undefined, nowMs: number): number {
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(0, nowMs - this.askedAtMs));
    this.askedAtMs = nowMs;
    if (bar) return this.barred(bar, nowMs);
    this.isOverflowing = false;
    this.perSecond = Math.min(this.mostPerSecond, this.perSecond * this.growth ** (stepMs / 1_000));
    this.tokens = Math.min(Math.max(1, this.perSecond), this.tokens + (this.perSecond * stepMs) / 1_000);
    return Math.floor(this.tokens);
  }

  /** So many have gone. */
  took(count: number, bar: EndpointBar | undefined, nowMs: number): void {
    if (bar?.kind === 'probe-due') this.probedAtMs = nowMs;
    else this.tokens = Math.max(0, this.tokens - count);
  }

  private barred(bar: EndpointBar, nowMs: number): number {
    this.tokens = 0;
    if (bar.kind === 'overflow') {
      if (!this.isOverflowing) this.perSecond = Math.max(1, this.perSecond / 2);
      this.growth = CAREFUL_GROWTH;
      this.isOverflowing = true;
      return 0;
    }
    this.perSecond = FIRST_PER_SECOND;
    this.growth = FAST_GROWTH;
    return bar.kind === 'probe-due' && this.mayProbe(bar.sinceMs, nowMs) ? 1 : 0;
  }

  private mayProbe(sinceMs: number, nowMs: number): boolean {
    return this.probedAtMs < sinceMs || nowMs - this.probedAtMs >= PROBE_EVERY_MS;
  }
}
