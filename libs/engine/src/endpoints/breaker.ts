import { RecentResults } from './recent-results.js';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What of a breaker outlives its process. */
export interface BreakerMemory {
  /** When an open breaker lets any record probe; milliseconds since the epoch. */
  readonly openUntilMs: number;
  /** Openings since it was last closed, at least 1. */
  readonly openings: number;
}

export const FIRST_OPEN_MS = 30_000;
export const MAX_OPEN_MS = 15 * 60_000;
const CONSECUTIVE_FAILURES = 5;
const MIN_RESULTS = 10;
const FAILING_SHARE = 0.5;
/** Ramped up this far without a failure that halves it to nothing, an endpoint is healthy again. */
const CLOSE_AT = 16;
/** Between probes by records that keep their own schedule. */
const EARLY_PROBE_MS = 1_000;

/**
 * Decides whether an endpoint is asked at all. Closed, until requests fail: five in a row over two events or more, or
 * half of at least ten within 60 s, or a stall that its owner has seen. Open for 30 s, doubling up to 15 min: one real
 * record at a time probes. Half-open after a success: 1, 2, 4, … requests at once; a failure halves, at one it opens.
 * All times are milliseconds since the epoch and passed in.
 */
export class Breaker {
  private current: BreakerState = 'closed';
  private untilMs = 0;
  private openingCount = 0;
  private byStall = false;
  private epochCount = 0;
  private failuresInRow = 0;
  private firstFailedEvent = '';
  private overSeveralEvents = false;
  private recent = new RecentResults();
  private ramp = 1;
  private rampSuccesses = 0;
  private lastProbeAtMs = Number.NEGATIVE_INFINITY;
  /** The probe that was waited for has started. */
  private isAwaited = false;

  constructor(restored?: BreakerMemory) {
    if (!restored) return;
    this.current = 'open';
    this.untilMs = restored.openUntilMs;
    this.openingCount = restored.openings;
  }

  get state(): BreakerState {
    return this.current;
  }

  /** `undefined` unless open. */
  get openUntilMs(): number | undefined {
    return this.current === 'open' ? this.untilMs : undefined;
  }

  /** Openings since it was last closed. */
  get openings(): number {
    return this.openingCount;
  }

  get consecutiveFailures(): number {
    return this.failuresInRow;
  }

  /** Rises with each opening; a request belongs to the epoch in which it started. */
  get epoch(): number {
    return this.epochCount;
  }

  /** Requests that may be under way at once. */
  get allowance(): number {
    switch (this.current) {
      case 'closed':
        return Number.POSITIVE_INFINITY;
      case 'half-open':
        return this.ramp;
      case 'open':
        return 1;
    }
  }

  /**
   * Whether an open breaker lets a record through, no other probe being under way: any, once its time is over; before
   * that only one that has come due by its own schedule, so that a single waiting event keeps it.
   */
  mayProbe(ownSchedule: boolean, nowMs: number): boolean {
    return nowMs >= this.untilMs || (ownSchedule && nowMs - this.lastProbeAtMs >= EARLY_PROBE_MS);
  }

  /** While the probe that was waited for is under way, which may hang, the endpoint is as good as open for longer. */
  started(nowMs: number): void {
    if (this.current !== 'open') return;
    this.lastProbeAtMs = nowMs;
    if (nowMs < this.untilMs) return;
    this.isAwaited = true;
    this.untilMs = nowMs + FIRST_OPEN_MS;
  }

  /** @param epoch of the request; one from before the last opening tells nothing new, but that a stall is over */
  succeeded(epoch: number, nowMs: number): void {
    if (epoch !== this.epochCount && !(this.current === 'open' && this.byStall)) return;
    this.failuresInRow = 0;
    switch (this.current) {
      case 'closed':
        this.recent.add('success', nowMs);
        return;
      case 'open':
        this.current = 'half-open';
        this.ramp = 1;
        this.rampSuccesses = 0;
        this.rampUp();
        return;
      case 'half-open':
        this.rampUp();
    }
  }

  failed(epoch: number, event: string, nowMs: number): void {
    if (epoch !== this.epochCount) return;
    this.countInRow(event);
    switch (this.current) {
      case 'closed':
        this.recent.add('failure', nowMs);
        if (this.isFailing(nowMs)) this.open(nowMs);
        return;
      case 'open':
        // A probe before its time changes nothing; the one that was waited for starts the next, longer wait.
        if (this.isAwaited || nowMs >= this.untilMs) this.open(nowMs);
        return;
      case 'half-open':
        this.ramp = Math.floor(this.ramp / 2);
        this.rampSuccesses = 0;
        if (this.ramp === 0) this.open(nowMs);
    }
  }

  /** Requests hang, and nothing else comes back. */
  stalled(nowMs: number): void {
    if (this.current === 'open') return;
    this.open(nowMs);
    this.byStall = true;
  }

  private open(nowMs: number): void {
    this.untilMs = nowMs + Math.min(MAX_OPEN_MS, FIRST_OPEN_MS * 2 ** this.openingCount);
    this.openingCount += 1;
    this.epochCount += 1;
    this.current = 'open';
    this.byStall = false;
    this.isAwaited = false;
    this.lastProbeAtMs = nowMs;
  }

  private rampUp(): void {
    this.rampSuccesses += 1;
    if (this.rampSuccesses < this.ramp) return;
    this.ramp *= 2;
    this.rampSuccesses = 0;
    if (this.ramp < CLOSE_AT) return;
    this.current = 'closed';
    this.openingCount = 0;
    this.recent = new RecentResults();
  }

  private countInRow(event: string): void {
    if (this.failuresInRow === 0) {
      this.firstFailedEvent = event;
      this.overSeveralEvents = false;
    }
    if (event !== this.firstFailedEvent) this.overSeveralEvents = true;
    this.failuresInRow += 1;
  }

  private isFailing(nowMs: number): boolean {
    if (this.failuresInRow >= CONSECUTIVE_FAILURES && this.overSeveralEvents) return true;
    const { total, failures } = this.recent.count(nowMs);
    return total >= MIN_RESULTS && failures >= total * FAILING_SHARE;
  }
}
