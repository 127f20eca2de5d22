import { AdaptiveWindow } from './adaptive-window.js';
import { Breaker, type BreakerMemory, type BreakerState } from './breaker.js';
import { Pace, type Running } from './pace.js';
import { TokenBucket } from './token-bucket.js';

/** What a subscription allows; asked for whenever it matters, so that a change is in force at once. */
export interface EndpointLimits {
  /** Requests at once, at least 1. */
  readonly concurrency: number;
  /** Requests started per second; not limited when left out. */
  readonly perSecond?: number;
  /** Records that one request takes at most; one when left out. */
  readonly perRequest?: number;
}

/** What one request came to. */
export interface AttemptEnd {
  readonly result: 'success' | 'failure';
  /** It failed because it was too much: a timeout, 429 or 5xx. */
  readonly congested: boolean;
  /** How long the endpoint asked to be left alone, 0 when not. */
  readonly holdMs: number;
}

/** What the owner of an endpoint knows, as it is kept for the next owner. */
export interface EndpointMemory {
  readonly breaker?: BreakerMemory;
  readonly holdUntilMs?: number;
}

/** What there is to tell of an endpoint that is not healthy. */
export interface EndpointStanding {
  readonly breaker: BreakerState;
  readonly openUntilMs: number | undefined;
  readonly openings: number;
  readonly holdUntilMs: number | undefined;
  /** More comes than it can take. */
  readonly overflowing: boolean;
  readonly consecutiveFailures: number;
}

/** When a record that cannot start soon comes again. */
export interface Slot {
  /** Left out where there is no place for it soon: it waits in `parked`. */
  readonly dueAtMs?: number;
  readonly reason: 'overflow' | 'rate-limit' | 'breaker-open';
}

/** This process has more to do than it can, so that every endpoint seems slow. */
export interface Lateness {
  /** What successes take in general. */
  readonly commonLatencyMs: number;
  /** When anyone last succeeded. */
  readonly lastSuccessAtMs: number;
}

/** What waits for an endpoint. */
export interface Queue {
  readonly waiting: number;
  /** How long they may wait, if less than five seconds. */
  readonly maxWaitMs: number;
  readonly weAreLate: Lateness | undefined;
}

export interface OngoingAttempt extends Running {
  askedAtMs: number;
  readonly epoch: number;
  readonly event: string;
}

/** Longest wait in memory. */
const MAX_WAIT_MS = 5_000;
/** A lane is too long only when it stays so: a short halt of a fast receiver diverts nothing. */
const PATIENCE_MS = 1_000;
/** A slot farther away is not reserved. */
const MAX_RESERVED_MS = 60_000;
/** A lane that nobody has found too long for this long has become shorter meanwhile. */
const CROWDED_VALID_MS = 2_000;
/** A probe is due: what comes beside it asks again after this. */
const PROBED_MS = 5_000;
const STALL_MS = 5_000;
const SLOW_MS = 1_000;
const FAR_SLOWER = 4;
/** Records come back from an outage no faster than this. */
const MAX_RETURN_PER_SECOND = 1_000;

/** All that decides when a record for one endpoint may start. Times are milliseconds since the epoch. */
export class Endpoint {
  private breaker: Breaker;
  private readonly pace = new Pace<OngoingAttempt>();
  private readonly window = new AdaptiveWindow();
  private bucket: TokenBucket | undefined;
  private heldUntilMs: number;
  private reservedUntilMs = 0;
  private crowdedSinceMs: number | undefined;
  private crowdedSeenAtMs = 0;
  /** The record that waits in the lane of an open breaker may start. */
  private probeWaits = false;
  /** When anything was last asked or told. */
  touchedAtMs = 0;
  /** In the class of slow endpoints, as last looked at. */
  slow = true;

  constructor(
    private readonly limits: () => EndpointLimits,
    restored: EndpointMemory = {},
  ) {
    this.breaker = new Breaker(restored.breaker);
    this.heldUntilMs = restored.holdUntilMs ?? 0;
  }

  get inFlight(): number {
    return this.pace.inFlight;
  }

  get state(): BreakerState {
    return this.breaker.state;
  }

  /** `undefined`: healthy, there is nothing to tell. */
  standing(nowMs: number): EndpointStanding | undefined {
    const { state, openUntilMs, openings, consecutiveFailures } = this.breaker;
    const holdUntilMs = this.heldUntilMs > nowMs ? this.heldUntilMs : undefined;
    const overflowing = this.isOverflowing(nowMs);
    if (state === 'closed' && holdUntilMs === undefined && !overflowing) return undefined;
    return { breaker: state, openUntilMs, openings, holdUntilMs, overflowing, consecutiveFailures };
  }

  /** Nothing would be lost by forgetting it. */
  isUnremarkable(nowMs: number): boolean {
    return this.breaker.state === 'closed' && this.heldUntilMs <= nowMs;
  }

  /** Whether its lane is longer than it can work off in time, and has been for a while. */
  isOverflowing(nowMs: number): boolean {
    if (this.crowdedSinceMs === undefined || nowMs - this.crowdedSeenAtMs > CROWDED_VALID_MS) return false;
    return nowMs - this.crowdedSinceMs >= PATIENCE_MS;
  }

  /** @param inFlight records of its lane that have started */
  admits(inFlight: number, nowMs: number): boolean {
    if (nowMs < this.heldUntilMs) return false;
    if (this.breaker.state === 'open') return this.probeWaits && !this.isProbed();
    return inFlight < this.places() && (this.bucketNow(nowMs)?.hasToken(nowMs) ?? true);
  }

  /** Whether a record stays in memory that has this many before it. */
  takes(ahead: number, ownSchedule: boolean, nowMs: number): boolean {
    this.touchedAtMs = nowMs;
    if (ahead === 0) this.crowdedSinceMs = undefined;
    if (this.heldUntilMs - nowMs > MAX_WAIT_MS) return false;
    if (this.breaker.state === 'open') {
      // The record that waits to be the probe stays it, however many come behind it before it starts.
      if (ahead > 0) return false;
      this.probeWaits = !this.isProbed() && this.breaker.mayProbe(ownSchedule, nowMs);
      return this.probeWaits;
    }
    return !this.isOverflowing(nowMs) || ahead < this.room(MAX_WAIT_MS, nowMs);
  }

  /** How many of its waiting records stay; asked again and again, it notices a lane that does not get shorter. */
  keeps({ waiting, maxWaitMs, weAreLate }: Queue, nowMs: number): number {
    if (this.heldUntilMs - nowMs > MAX_WAIT_MS) return 0;
    if (this.breaker.state === 'open') return this.probeWaits ? 1 : 0;
    const room = Math.ceil(this.room(Math.min(maxWaitMs, MAX_WAIT_MS), nowMs));
    if (waiting <= room || (weAreLate && !this.isSlowerThan(weAreLate))) {
      this.crowdedSinceMs = undefined;
      this.reservedUntilMs = 0;
      return waiting;
    }
    if (nowMs - this.crowdedSeenAtMs > CROWDED_VALID_MS) this.crowdedSinceMs = undefined;
    this.crowdedSinceMs ??= nowMs;
    this.crowdedSeenAtMs = nowMs;
    return this.isOverflowing(nowMs) ? room : waiting;
  }

  /**
   * The next free place for a record that does not stay, `waiting` being before it in memory. While a probe is under way
   * there is none: it may hang until its timeout, and what came back and back meanwhile would cost the others.
   */
  reserve(waiting: number, nowMs: number): Slot {
    if (this.breaker.state === 'open' && this.isProbed()) return { reason: 'breaker-open' };
    const freeAtMs = Math.max(nowMs, this.probedUntilMs(nowMs), this.heldUntilMs);
    const perSecond = this.returnsPerSecond(nowMs);
    const behindWaiting = freeAtMs + (waiting / perSecond) * 1_000;
    const slotMs = Math.max(this.reservedUntilMs, behindWaiting) + 1_000 / perSecond;
    const reason = this.reasonOf(nowMs);
    if (slotMs - nowMs > MAX_RESERVED_MS) return { reason };
    this.reservedUntilMs = slotMs;
    return { dueAtMs: Math.ceil(slotMs), reason };
  }

  begin(event: string, nowMs: number): OngoingAttempt {
    const attempt = { startedAtMs: nowMs, askedAtMs: nowMs, epoch: this.breaker.epoch, event };
    this.touchedAtMs = nowMs;
    this.probeWaits = false;
    this.pace.started(attempt);
    this.breaker.started(nowMs);
    this.bucketNow(nowMs)?.take(nowMs);
    return attempt;
  }

  end(attempt: OngoingAttempt, { result, congested, holdMs }: AttemptEnd, nowMs: number): void {
    this.touchedAtMs = nowMs;
    this.pace.ended(attempt, result, nowMs);
    if (holdMs > 0) this.heldUntilMs = Math.max(this.heldUntilMs, nowMs + holdMs);
    if (congested) this.window.congested(attempt.startedAtMs, nowMs);
    const before = this.breaker.state;
    if (result === 'success') {
      this.window.succeeded(this.limits().concurrency);
      this.breaker.succeeded(attempt.epoch, nowMs);
    } else {
      this.breaker.failed(attempt.epoch, attempt.event, nowMs);
    }
    if (before !== this.breaker.state) this.changed();
  }

  /** What it has done so far counts no more: it is asked at once. */
  forgive(): void {
    this.breaker = new Breaker();
    this.heldUntilMs = 0;
    this.changed();
  }

  /** It was never sent, or its result is not known. */
  abandon(attempt: OngoingAttempt): void {
    this.pace.abandoned(attempt);
  }

  /** Looks for a stall, and at how slow it is. */
  look(nowMs: number, weAreLate?: Lateness): void {
    const { usualLatencyMs, lastSuccessAtMs } = this.pace;
    const quietMs = nowMs - (lastSuccessAtMs ?? Number.NEGATIVE_INFINITY);
    const late = Math.max(STALL_MS, 2 * (usualLatencyMs ?? 0));
    const stalls = quietMs > STALL_MS && this.breaker.state !== 'open' && this.pace.askedLongerThan(late, nowMs) >= 2;
    if (stalls && (!weAreLate || this.isSlowerThan(weAreLate))) {
      this.breaker.stalled(nowMs);
      this.changed();
    }
    const hangs = quietMs > SLOW_MS && this.pace.olderThan(SLOW_MS, nowMs) > 0;
    this.slow = usualLatencyMs === undefined || usualLatencyMs > SLOW_MS || hangs;
  }

  /**
   * While this process is short of time, only an endpoint that is far slower than others is to blame for its lane. Time
   * in which nobody succeeded is our own.
   */
  private isSlowerThan({ commonLatencyMs, lastSuccessAtMs }: Lateness): boolean {
    const { usualLatencyMs = 0, lastSuccessAtMs: ownMs = Number.NEGATIVE_INFINITY } = this.pace;
    const farSlowerMs = FAR_SLOWER * commonLatencyMs;
    const hangsMs = Math.max(SLOW_MS, farSlowerMs);
    const hangs = lastSuccessAtMs - ownMs > hangsMs && this.pace.olderThan(hangsMs, lastSuccessAtMs) > 0;
    return usualLatencyMs > farSlowerMs || hangs;
  }

  private changed(): void {
    this.reservedUntilMs = 0;
    this.crowdedSinceMs = undefined;
    this.probeWaits = false;
  }

  /** A request that started after the opening is under way. */
  private isProbed(): boolean {
    return this.pace.some(({ epoch }) => epoch === this.breaker.epoch);
  }

  /** When it may be known whether an open breaker closes. */
  private probedUntilMs(nowMs: number): number {
    const { state, openUntilMs = 0 } = this.breaker;
    if (state !== 'open') return 0;
    return openUntilMs > nowMs ? openUntilMs : nowMs + PROBED_MS;
  }

  private places(): number {
    const { concurrency } = this.limits();
    return Math.min(this.window.within(Math.max(1, concurrency)), this.breaker.allowance);
  }

  private room(withinMs: number, nowMs: number): number {
    const leftMs = withinMs - Math.max(0, this.heldUntilMs - nowMs);
    return (Math.max(0, leftMs) * this.recordsPerSecond(nowMs)) / 1_000;
  }

  private recordsPerSecond(nowMs: number): number {
    const { perSecond = Infinity, perRequest = 1 } = this.limits();
    return Math.min(this.pace.slotsPerSecond(this.places(), nowMs), perSecond) * perRequest;
  }

  private returnsPerSecond(nowMs: number): number {
    const { concurrency, perSecond = Infinity, perRequest = 1 } = this.limits();
    const open = this.breaker.state === 'open';
    const whenWell = () => Math.min(this.pace.slotsPerSecondWhenWell(concurrency), perSecond) * perRequest;
    const records = open ? whenWell() : this.recordsPerSecond(nowMs);
    return Math.max(0.1, Math.min(records, MAX_RETURN_PER_SECOND));
  }

  private reasonOf(nowMs: number): Slot['reason'] {
    if (this.breaker.state === 'open') return 'breaker-open';
    return this.heldUntilMs > nowMs ? 'rate-limit' : 'overflow';
  }

  private bucketNow(nowMs: number): TokenBucket | undefined {
    const { perSecond } = this.limits();
    if (perSecond === undefined) this.bucket = undefined;
    else if (this.bucket) this.bucket.limitTo(perSecond);
    else this.bucket = new TokenBucket(perSecond, nowMs);
    return this.bucket;
  }
}
