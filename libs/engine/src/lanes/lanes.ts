import { Fifo } from './fifo.js';
import { isGathered, takeBatch, type BatchBounds, type Gathering } from './gathering.js';

/** What waits in a lane. */
export interface LaneItem {
  /** One lane per subscription. */
  readonly lane: string;
  /** Lanes of one group, an organization's, take turns with each other, and groups among themselves. */
  readonly group: string;
  /** What it keeps in memory. */
  readonly bytes: number;
}

export interface LaneView {
  readonly key: string;
  /** Requests of this lane that are under way. */
  readonly inFlight: number;
  readonly queued: number;
}

/** Asked before an item of a lane starts; a lane that is refused is asked again after its next response, or `wake`. */
export interface Admission {
  admits(lane: LaneView): boolean;
  /** Requests under way that have places of their own; default 0. */
  readonly apart?: number;
}

export interface LaneLimits {
  /** Waiting records of one lane; of one that gathers, as many as a batch may have where that is more. */
  readonly laneRecords: number;
  /** Waiting bytes of one lane; a single record may be larger. */
  readonly laneBytes: number;
  /** Requests under way over all lanes, without those apart. */
  readonly inFlight: number;
  /** Requests under way, and answered ones whose effects are not acknowledged yet: what a crash makes repeat. Without those apart. */
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
  gatheringSinceMs: number | undefined;
  /** In the ring of lanes that take turns. */
  ready = false;

  constructor(
    readonly key: string,
    readonly group: string,
  ) {}

  get queued(): number {
    return this.queue.length;
  }
}

/** Lanes of one organization that want to start something. */
interface Group<T> {
  readonly key: string;
  readonly ring: Fifo<Lane<T>>;
}

/**
 * A queue per subscription, and whose turn it is. An item goes `enqueue` → `next` (started) → `responded` (its place at
 * the endpoint is free) → `settled` (its memory is free). Groups that can start something take turns, one item each, and
 * so do the lanes of a group: a long queue has no more say than a short one, nor has an organization with many lanes.
 * A lane that gathers starts several items at once, as a batch that counts as one.
 */
export class Lanes<T extends LaneItem, B extends LaneItem = never> {
  private readonly lanes = new Map<string, Lane<T>>();
  private readonly groups = new Map<string, Group<T>>();
  private readonly ring = new Fifo<Group<T>>();
  private inFlightCount = 0;
  private unsettledCount = 0;
  private queuedCount = 0;
  private heldBytes = 0;

  constructor(
    private readonly admission: Admission,
    private readonly limits: LaneLimits = DEFAULT_LANE_LIMITS,
    private readonly gathering?: Gathering<T, B>,
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
    const lane = this.lanes.get(item.lane) ?? new Lane<T>(item.lane, item.group);
    if (!this.hasRoom(lane, item.bytes)) return 'lane-full';
    this.lanes.set(lane.key, lane);
    lane.queue.push(item);
    lane.queuedBytes += item.bytes;
    this.queuedCount += 1;
    this.heldBytes += item.bytes;
    this.takeTurns(lane);
    return 'queued';
  }

  /** A started item has come to nothing: it is the first of its lane again, whatever the limits. Before it is `settled`. */
  putBack(item: T): void {
    const lane = this.lanes.get(item.lane) ?? new Lane<T>(item.lane, item.group);
    this.lanes.set(lane.key, lane);
    lane.queue.unshift(item);
    lane.queuedBytes += item.bytes;
    this.queuedCount += 1;
    this.heldBytes += item.bytes;
    this.takeTurns(lane);
  }

  /** The item, or the batch, whose turn it is, started; `undefined` where none can start now. */
  next(): T | B | undefined {
    const { apart = 0 } = this.admission;
    const isFull = this.inFlightCount - apart >= this.limits.inFlight;
    if (isFull || this.unsettledCount - apart >= this.limits.unsettled) return undefined;
    for (let lane = this.nextLane(); lane; lane = this.nextLane()) {
      lane.ready = false;
      const bounds = this.gathering?.boundsOf(lane.key);
      if (this.gathering && bounds && !isGathered(lane, bounds, this.gathering)) continue;
      if (!this.admission.admits(lane)) continue;
      if (this.gathering && bounds) {
        const batch = this.startBatch(lane, bounds, this.gathering);
        if (batch) return batch;
        continue;
      }
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

  /** Lanes with something waiting. */
  *waiting(): Generator<LaneView> {
    for (const lane of this.lanes.values()) if (lane.queue.length > 0) yield lane;
  }

  queuedIn(lane: string): number {
    return this.lanes.get(lane)?.queue.length ?? 0;
  }

  /** Takes out what waits in a lane behind the first `keep` items, oldest first: they are the caller's again. */
  evict(key: string, keep: number): T[] {
    const lane = this.lanes.get(key);
    if (!lane) return [];
    const evicted = lane.queue.cut(keep);
    for (const { bytes } of evicted) this.unqueue(lane, bytes);
    this.forgetIdle(lane);
    return evicted;
  }

  /** Asks every lane again that was refused: a hold is over, or a place has become free elsewhere. */
  wake(): void {
    for (const lane of this.lanes.values()) this.takeTurns(lane);
  }

  /** The endpoint has answered, or will not: the next one may start. Once per started item. */
  responded(item: LaneItem): void {
    const lane = this.lanes.get(item.lane);
    if (!lane) return;
    lane.inFlight -= 1;
    this.inFlightCount -= 1;
    this.takeTurns(lane);
    this.forgetIdle(lane);
  }

  /** All its effects are acknowledged, or given up. Once per started item, after `responded`. */
  settled(item: LaneItem): void {
    this.unsettledCount -= 1;
    this.heldBytes -= item.bytes;
  }

  /** Drops waiting items; started ones go on. Returns how many. */
  drop(matches: (item: T) => boolean): number {
    const queuedBefore = this.queuedCount;
    for (const lane of this.lanes.values()) {
      for (const { bytes } of lane.queue.extract(matches)) this.unqueue(lane, bytes);
      this.forgetIdle(lane);
    }
    return queuedBefore - this.queuedCount;
  }

  private hasRoom(lane: Lane<T>, bytes: number): boolean {
    const { length } = lane.queue;
    if (length === 0) return true;
    if (lane.queuedBytes + bytes > this.limits.laneBytes) return false;
    return length < this.limits.laneRecords || length < (this.gathering?.boundsOf(lane.key)?.maxEntries ?? 0);
  }

  private startBatch(lane: Lane<T>, bounds: BatchBounds, gathering: Gathering<T, B>): B | undefined {
    const [first, ...others] = takeBatch(lane, bounds, gathering);
    if (!first) return undefined;
    const batch = gathering.together([first, ...others]);
    lane.queuedBytes -= batch.bytes;
    lane.inFlight += 1;
    this.queuedCount -= 1 + others.length;
    this.inFlightCount += 1;
    this.unsettledCount += 1;
    this.takeTurns(lane);
    return batch;
  }

  private unqueue(lane: Lane<T>, bytes: number): void {
    lane.queuedBytes -= bytes;
    this.heldBytes -= bytes;
    this.queuedCount -= 1;
  }

  private takeTurns(lane: Lane<T>): void {
    if (lane.ready || lane.queue.length === 0) return;
    lane.ready = true;
    const group = this.groups.get(lane.group);
    if (group) {
      group.ring.push(lane);
      return;
    }
    const fresh: Group<T> = { key: lane.group, ring: new Fifo<Lane<T>>() };
    fresh.ring.push(lane);
    this.groups.set(fresh.key, fresh);
    this.ring.push(fresh);
  }

  /** The first lane of the group whose turn it is; the group goes to the end of the ring. */
  private nextLane(): Lane<T> | undefined {
    const group = this.ring.shift();
    const lane = group?.ring.shift();
    if (!group || !lane) return undefined;
    if (group.ring.length > 0) this.ring.push(group);
    else this.groups.delete(group.key);
    return lane;
  }

  private forgetIdle(lane: Lane<T>): void {
    if (lane.queue.length === 0 && lane.inFlight === 0) this.lanes.delete(lane.key);
  }
}
