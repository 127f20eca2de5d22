import { Fifo } from './fifo.js';

/** What waits in a lane. */
export interface LaneItem {
  /** One lane per subscription. */
  readonly lane: string;
  /** What it keeps in memory. */
  readonly bytes: number;
}

export interface LaneView {
  readonly key: string;
  /** Requests of this lane that are under way. */
  readonly inFlight: number;
  readonly queued: number;
}

/** Asked before an item of a lane starts; a lane that is refused is asked again after its next response. */
export interface Admission {
  admits(lane: LaneView): boolean;
}

export interface LaneLimits {
  /** Waiting records of one lane. */
  readonly laneRecords: number;
  /** Waiting bytes of one lane; a single record may be larger. */
  readonly laneBytes: number;
  /** Requests under way over all lanes. */
  readonly inFlight: number;
  /** Requests under way, and answered ones whose effects are not acknowledged yet: what a crash makes repeat. */
  readonly unsettled: number;
  /** Bytes of everything from `enqueue` to `settled`; a single record may be larger. */
  readonly bytes: number;
}

export const DEFAULT_LANE_LIMITS: LaneLimits = {
  laneRecords: 200,
  laneBytes: 4 * 1_048_576,
  inFlight: 512,
  unsettled: 1_024,
  bytes: 256 * 1_048_576,
};

/** `lane-full` and `full` take nothing: the caller keeps the item. */
export type Enqueued = 'queued' | 'lane-full' | 'full';

class Lane<T> implements LaneView {
  readonly queue = new Fifo<T>();
  queuedBytes = 0;
  inFlight = 0;
  /** In the ring of lanes that take turns. */
  ready = false;

  constructor(readonly key: string) {}

  get queued(): number {
    return this.queue.length;
  }
}

/**
 * A queue per subscription, and whose turn it is. An item goes `enqueue` → `next` (started) → `responded` (its place at
 * the endpoint is free) → `settled` (its memory is free). Lanes that can start take turns, one item each, so a long
 * queue has no more say than a short one.
 */
export class Lanes<T extends LaneItem> {
  private readonly lanes = new Map<string, Lane<T>>();
  private readonly ring = new Fifo<Lane<T>>();
  private inFlightCount = 0;
  private unsettledCount = 0;
  private queuedCount = 0;
  private heldBytes = 0;

  constructor(
    private readonly admission: Admission,
    private readonly limits: LaneLimits = DEFAULT_LANE_LIMITS,
  ) {}

  get inFlight(): number {
    return this.inFlightCount;
  }

  /** Started and not settled. */
  get unsettled(): number {
    return this.unsettledCount;
  }

  get queued(): number {
    return this.queuedCount;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  enqueue(item: T): Enqueued {
    if (this.heldBytes > 0 && this.heldBytes + item.bytes > this.limits.bytes) return 'full';
    const lane = this.lanes.get(item.lane) ?? new Lane<T>(item.lane);
    if (!this.hasRoom(lane, item.bytes)) return 'lane-full';
    this.lanes.set(lane.key, lane);
    lane.queue.push(item);
    lane.queuedBytes += item.bytes;
    this.queuedCount += 1;
    this.heldBytes += item.bytes;
    this.takeTurns(lane);
    return 'queued';
  }

  /** The item whose turn it is, started; `undefined` where none can start now. */
  next(): T | undefined {
    if (this.inFlightCount >= this.limits.inFlight || this.unsettledCount >= this.limits.unsettled) return undefined;
    for (let lane = this.ring.shift(); lane; lane = this.ring.shift()) {
      lane.ready = false;
      if (!this.admission.admits(lane)) continue;
      const item = lane.queue.shift();
      if (item === undefined) continue;
      lane.queuedBytes -= item.bytes;
      lane.inFlight += 1;
      this.queuedCount -= 1;
      this.inFlightCount += 1;
      this.unsettledCount += 1;
      this.takeTurns(lane);
      return item;
    }
    return undefined;
  }

  /** The endpoint has answered, or will not: the next one may start. Once per started item. */
  responded(item: T): void {
    const lane = this.lanes.get(item.lane);
    if (!lane) return;
    lane.inFlight -= 1;
    this.inFlightCount -= 1;
    this.takeTurns(lane);
    this.forgetIdle(lane);
  }

  /** All its effects are acknowledged, or given up. Once per started item, after `responded`. */
  settled(item: T): void {
    this.unsettledCount -= 1;
    this.heldBytes -= item.bytes;
  }

  /** Drops waiting items; started ones go on. Returns how many. */
  drop(matches: (item: T) => boolean): number {
    const queuedBefore = this.queuedCount;
    for (const lane of this.lanes.values()) {
      for (const { bytes } of lane.queue.extract(matches)) {
        lane.queuedBytes -= bytes;
        this.heldBytes -= bytes;
        this.queuedCount -= 1;
      }
      this.forgetIdle(lane);
    }
    return queuedBefore - this.queuedCount;
  }

  private hasRoom(lane: Lane<T>, bytes: number): boolean {
    if (lane.queue.length === 0) return true;
    return lane.queue.length < this.limits.laneRecords && lane.queuedBytes + bytes <= this.limits.laneBytes;
  }

  private takeTurns(lane: Lane<T>): void {
    if (lane.ready || lane.queue.length === 0) return;
    lane.ready = true;
    this.ring.push(lane);
  }

  private forgetIdle(lane: Lane<T>): void {
    if (lane.queue.length === 0 && lane.inFlight === 0) this.lanes.delete(lane.key);
  }
}
