import type { Admission, LaneView } from '../lanes/lanes.js';
import {
  Endpoint,
  type AttemptEnd,
  type EndpointLimits,
  type EndpointMemory,
  type EndpointStanding,
  type Lateness,
  type OngoingAttempt,
  type Slot,
} from './endpoint.js';

/** A request that has started; exactly one of its methods is to be called, once. */
export interface StartedAttempt {
  end(end: AttemptEnd): void;
  /** Not sent, or its result is not known. */
  abandon(): void;
}

/** A request that is yet to be prepared: it has its place, and is no sign of a stall before the endpoint is asked. */
export interface PreparingAttempt extends StartedAttempt {
  asks(): void;
}

/** A record as it asks for its place. */
export interface Candidate {
  readonly lane: string;
  /** The partition it came from: all that is known of the endpoint goes with it. */
  readonly partition: number;
  /** It has come due by its own retry schedule, not because it was diverted. */
  readonly ownSchedule: boolean;
}

export interface EndpointsParts {
  readonly limits: (lane: string) => EndpointLimits;
  /** What the last owner knew. */
  readonly restore: (lane: string) => EndpointMemory | undefined;
  /** Told of each change, within a tick; `undefined`: it is healthy again. */
  readonly tell: (lane: string, standing: EndpointStanding | undefined) => void;
  /**
   * Requests under way that slow endpoints may have together, apart from all others. As most endpoints are seldom called,
   * and so not known to be well, there must be enough for those that hang at their first call, until their timeout.
   */
  readonly slowPlaces: number;
  /** Share of the time since it was last asked in which this process was at work, 0–1. */
  readonly workShare: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Known {
  readonly lane: string;
  readonly endpoint: Endpoint;
  readonly partition: number;
}

interface Told {
  readonly standing: EndpointStanding;
  readonly atMs: number;
}

/** An overflow is told again, so that nobody who hears of it has to believe it for ever. */
const TELL_AGAIN_MS = 20_000;
/** A healthy endpoint nobody has written to for this long is forgotten. */
const IDLE_MS = 10 * 60_000;
const FORGET_EVERY_MS = 60_000;
/** Ticks farther apart than this tell that the process does not get the time it needs. */
const LATE_TICK_MS = 150;
/** Above this share of its time a process is the limit itself. */
const BUSY_SHARE = 0.85;
const LATE_FOR_MS = 1_000;
/** Of one success in what successes take in general. */
const WEIGHT = 0.02;

/**
 * Every endpoint this process sends to. Endpoints that are slow, that hang or have never answered have places of their
 * own, so that they cannot take those of the others, however many they are.
 */
export class Endpoints implements Admission {
  private readonly known = new Map<string, Known>();
  private readonly busy = new Set<Known>();
  /** Asked or answered since the last tick. */
  private readonly changed = new Set<Known>();
  /** Not healthy, by what was told last. */
  private readonly told = new Map<Known, Told>();
  private slowInFlight = 0;
  private forgotAtMs = 0;
  private tickedAtMs: number;
  private lateUntilMs = 0;
  private commonLatencyMs: number | undefined;
  private lastSuccessAtMs = 0;

  constructor(private readonly parts: EndpointsParts) {
    this.tickedAtMs = parts.now();
  }

  get size(): number {
    return this.known.size;
  }

  /** Requests under way to slow endpoints: they take no places of others, and others none of theirs. */
  get apart(): number {
    return this.slowInFlight;
  }

  /** Endpoints that are open, held or overflowing. */
  get unhealthy(): number {
    return this.told.size;
  }

  admits({ key, inFlight }: LaneView): boolean {
    const endpoint = this.known.get(key)?.endpoint;
    if (!endpoint) return inFlight < this.parts.limits(key).concurrency;
    if (endpoint.slow && this.slowInFlight >= this.parts.slowPlaces) return false;
    return endpoint.admits(inFlight, this.parts.now());
  }

  /** Whether a record stays in memory that has this many before it. */
  takes(candidate: Candidate, ahead: number): boolean {
    return this.of(candidate).endpoint.takes(ahead, candidate.ownSchedule, this.parts.now());
  }

  /** How many of a lane's waiting records stay. */
  keeps(lane: string, waiting: number, maxWaitMs: number): number {
    const nowMs = this.parts.now();
    const known = this.known.get(lane);
    if (!known) return waiting;
    this.changed.add(known);
    const weAreLate = this.lateness(nowMs);
    return known.endpoint.keeps({ waiting, maxWaitMs, weAreLate }, nowMs);
  }

  /** What the endpoint has done so far counts no more. */
  forgive(lane: string): void {
    const known = this.known.get(lane);
    if (!known) return;
    known.endpoint.forgive();
    this.changed.add(known);
  }

  reserve(candidate: Candidate, waiting: number): Slot {
    return this.of(candidate).endpoint.reserve(waiting, this.parts.now());
  }

  begin(candidate: Candidate, event: string): StartedAttempt {
    const known = this.of(candidate);
    return this.started(known, known.endpoint.begin(event, this.parts.now()));
  }

  beginPreparing(candidate: Candidate, event: string): PreparingAttempt {
    const known = this.of(candidate);
    const attempt = known.endpoint.begin(event, this.parts.now());
    attempt.askedAtMs = Infinity;
    const asks = () => {
      attempt.askedAtMs = this.parts.now();
    };
    return { ...this.started(known, attempt), asks };
  }

  /** To be called every 100 ms: finds stalls and slowness, forgets what is idle. */
  tick(): void {
    const nowMs = this.parts.now();
    const late = nowMs - this.tickedAtMs > LATE_TICK_MS;
    if (this.parts.workShare() > BUSY_SHARE || late) this.lateUntilMs = nowMs + LATE_FOR_MS;
    this.tickedAtMs = nowMs;
    for (const { endpoint } of this.busy) this.look(endpoint, nowMs);
    for (const known of [...this.busy, ...this.told.keys(), ...this.changed]) this.tellChange(known, nowMs);
    this.changed.clear();
    if (nowMs - this.forgotAtMs >= FORGET_EVERY_MS) this.forgetIdle(nowMs);
  }

  /** Somebody else owns the partition now. */
  forget(partition: number): void {
    for (const [lane, known] of this.known) {
      if (known.partition !== partition) continue;
      this.known.delete(lane);
      this.told.delete(known);
    }
  }

  private started(known: Known, attempt: OngoingAttempt): StartedAttempt {
    const { endpoint } = known;
    this.busy.add(known);
    if (endpoint.slow) this.slowInFlight += 1;
    const freed = () => {
      if (endpoint.slow) this.slowInFlight -= 1;
      if (endpoint.inFlight === 0) this.busy.delete(known);
    };
    return {
      end: (end) => {
        const nowMs = this.parts.now();
        endpoint.end(attempt, end, nowMs);
        if (end.result === 'success') this.succeeded(nowMs - attempt.startedAtMs, nowMs);
        this.changed.add(known);
        freed();
        if (endpoint.slow && end.result === 'success') this.look(endpoint, nowMs);
      },
      abandon: () => {
        endpoint.abandon(attempt);
        freed();
      },
    };
  }

  private of({ lane, partition }: Candidate): Known {
    const known = this.known.get(lane);
    if (known) return known;
    const endpoint = new Endpoint(() => this.parts.limits(lane), this.parts.restore(lane));
    const fresh = { lane, endpoint, partition };
    this.known.set(lane, fresh);
    const atMs = this.parts.now();
    const standing = endpoint.standing(atMs);
    if (standing) this.told.set(fresh, { standing, atMs });
    return fresh;
  }

  private succeeded(tookMs: number, nowMs: number): void {
    this.commonLatencyMs ??= tookMs;
    this.commonLatencyMs += WEIGHT * (tookMs - this.commonLatencyMs);
    this.lastSuccessAtMs = nowMs;
  }

  private lateness(nowMs: number): Lateness | undefined {
    if (nowMs >= this.lateUntilMs) return undefined;
    return { commonLatencyMs: this.commonLatencyMs ?? 0, lastSuccessAtMs: this.lastSuccessAtMs };
  }

  private tellChange(known: Known, nowMs: number): void {
    const standing = known.endpoint.standing(nowMs);
    const before = this.told.get(known);
    const isOld = standing?.overflowing === true && before !== undefined && nowMs - before.atMs >= TELL_AGAIN_MS;
    if (isSame(standing, before?.standing) && !isOld) return;
    if (standing) this.told.set(known, { standing, atMs: nowMs });
    else this.told.delete(known);
    this.parts.tell(known.lane, standing);
  }

  private look(endpoint: Endpoint, nowMs: number): void {
    const before = endpoint.slow;
    endpoint.look(nowMs, this.lateness(nowMs));
    if (endpoint.slow === before) return;
    this.slowInFlight += endpoint.slow ? endpoint.inFlight : -endpoint.inFlight;
  }

  private forgetIdle(nowMs: number): void {
    this.forgotAtMs = nowMs;
    for (const [lane, { endpoint }] of this.known) {
      const idle = endpoint.inFlight === 0 && nowMs - endpoint.touchedAtMs > IDLE_MS;
      if (idle && endpoint.isUnremarkable(nowMs)) this.known.delete(lane);
    }
  }
}

/** Failures that change nothing are not worth telling. */
function isSame(a: EndpointStanding | undefined, b: EndpointStanding | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.breaker === b.breaker &&
    a.openUntilMs === b.openUntilMs &&
    a.holdUntilMs === b.holdUntilMs &&
    a.overflowing === b.overflowing
  );
}
