import type { ConsumedRecord } from '@hookstream/contracts';
import { Fifo } from '../lanes/fifo.js';
import type { Enqueued, LaneItem, Lanes } from '../lanes/lanes.js';
import type { HandledKey } from '../tracker/handled-keys.js';
import type { OwnedPartition, TopicPartition, TrackerTable } from '../tracker/tracker-table.js';

/** A record on its way through the lanes. */
export interface TrackedItem extends LaneItem {
  readonly owner: OwnedPartition;
  readonly offset: number;
}

export interface DecodedRecord<T> {
  readonly item: T;
  /** Tells repeats; a record that cannot be decoded has none. */
  readonly key?: HandledKey;
}

export interface IntakePorts<T> {
  /** Makes an item of any record, one that cannot be decoded too. Never throws. */
  decode(record: ConsumedRecord, owner: OwnedPartition): DecodedRecord<T>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Whether an item stays in memory that has this many of its lane before it. */
  stays(item: T, ahead: number): boolean;
  /** Sends an item elsewhere that does not stay; `diverted` is called when that is done. */
  divert(item: T, ahead: number): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Records of one partition as fetched. */
export interface FetchedBatch extends TopicPartition {
  readonly records: readonly ConsumedRecord[];
  readonly highWatermark: number;
  readonly firstOffset: number;
  /** Offsets up to here that are not in `records` hold no record. */
  readonly lastOffset: number;
}

export interface IntakeLimits {
  /** Records of a partition held because their lanes are full, before the partition is paused. */
  readonly heldRecords: number;
  /** Bytes held over all partitions, an equal share for each. One fetch per partition may come on top of both. */
  readonly heldBytes: number;
}

/** Enough that a single busy lane never runs dry while a resumed partition is fetched again (up to 250 ms). */
export const DEFAULT_INTAKE_LIMITS: IntakeLimits = { heldRecords: 3_000, heldBytes: 96 * 1_048_576 };

/** Items of one lane that wait for their start. */
export interface WaitingLane {
  readonly lane: string;
  readonly waiting: number;
  readonly pausedMs: number;
}

interface Source {
  readonly owner: OwnedPartition;
  /** Fetched and not registered yet: there was no memory, or no room in the tracker's window. */
  readonly backlog: Fifo<ConsumedRecord>;
  /** Everything below has been taken from a fetch; a rewind brings some of it again. */
  takenEnd: number;
  heldRecords: number;
  heldBytes: number;
  pausedAtMs: number | undefined;
}

/**
 * Takes what is fetched: registers it, tells repeats, and puts it into the lanes, all at once and without waiting for
 * anything. What does not fit is held here, at most a limit and one fetch per partition, and the partition is paused
 * until it does. A full lane holds back only its own records until then, and what would be held back for long is diverted:
 * sent elsewhere, to come again.
 */
export class Intake<T extends TrackedItem> {
  private readonly sources = new Map<OwnedPartition, Source>();
  private readonly held = new Map<string, Fifo<T>>();
  private readonly blocked = new Set<Source>();
  private shortOfMemory = false;
  private repeatCount = 0;

  constructor(
    private readonly trackers: TrackerTable,
    private readonly lanes: Pick<Lanes<T>, 'enqueue' | 'evict' | 'drop' | 'waiting' | 'queuedIn'>,
    private readonly ports: IntakePorts<T>,
    private readonly limits: IntakeLimits = DEFAULT_INTAKE_LIMITS,
  ) {}

  /** Records that had been seen before and were dropped, since the start. */
  get repeats(): number {
    return this.repeatCount;
  }

  get pausedPartitions(): number {
    let count = 0;
    for (const { pausedAtMs } of this.sources.values()) if (pausedAtMs !== undefined) count += 1;
    return count;
  }

  /** Takes a whole batch; a batch of a partition that is not owned is ignored. */
  accept(batch: FetchedBatch): void {
    const owner = this.ownerOf(batch);
    if (!owner) return;
    const source = this.sourceOf(owner);
    for (const record of batch.records) if (record.offset >= source.takenEnd) source.backlog.push(record);
    source.takenEnd = Math.max(source.takenEnd, batch.lastOffset + 1);
    this.drain(source);
  }

  /** The fetcher has passed offsets that hold no record at all. */
  skip(range: TopicPartition & { readonly lastOffset: number }): void {
    const owner = this.trackers.get(range);
    if (!owner) return;
    const source = this.sourceOf(owner);
    source.takenEnd = Math.max(source.takenEnd, range.lastOffset + 1);
    this.skipTaken(source);
  }

  /** An item of this lane has started: there is room behind it. */
  started(lane: string): void {
    if (this.held.size > 0) this.refill(lane);
  }

  /** An item has been settled in lanes and tracker: there is memory, and perhaps room in a window. */
  settled(): void {
    if (this.shortOfMemory) {
      this.shortOfMemory = false;
      for (const lane of this.held.keys()) if (this.refill(lane) === 'full') return;
    }
    for (const source of this.blocked) this.drain(source);
  }

  /** Lanes in which something waits, with how long the partition of what is held of them has been paused by now. */
  *waiting(): Generator<WaitingLane> {
    const nowMs = this.ports.now();
    for (const { key, queued } of this.lanes.waiting()) {
      if (!this.held.has(key)) yield { lane: key, waiting: queued, pausedMs: 0 };
    }
    for (const [lane, queue] of this.held) {
      const owner = queue.peek()?.owner;
      const pausedAtMs = owner && this.sources.get(owner)?.pausedAtMs;
      const pausedMs = pausedAtMs === undefined ? 0 : nowMs - pausedAtMs;
      yield { lane, waiting: this.lanes.queuedIn(lane) + queue.length, pausedMs };
    }
  }

  /** Diverts what waits in a lane behind the first `keep` items. */
  relieve(lane: string, keep: number): void {
    const queued = this.lanes.queuedIn(lane);
    const queue = this.held.get(lane);
    const cut = queue?.cut(keep - queued) ?? [];
    if (queue?.length === 0) this.held.delete(lane);
    const evicted = this.lanes.evict(lane, keep);
    for (const item of evicted) {
      const source = this.sources.get(item.owner);
      if (source) this.hold(source, item);
    }
    for (const item of [...evicted, ...cut]) this.ports.divert(item, keep);
  }

  /** A diverted item is where it was sent to. */
  diverted(item: T): void {
    this.release(item);
  }

  /** Forgets a partition: what it holds here and in the lanes. Its items under way go on. */
  drop(owner: OwnedPartition): void {
    const source = this.sources.get(owner);
    if (!source) return;
    for (const [lane, queue] of this.held) {
      queue.extract((item) => item.owner === owner);
      if (queue.length === 0) this.held.delete(lane);
    }
    this.lanes.drop((item) => item.owner === owner);
    this.blocked.delete(source);
    this.sources.delete(owner);
    if (source.pausedAtMs !== undefined) this.ports.resume(owner);
    this.settled();
  }

  /** A log that ends before what was read of it is another log, made anew under the same name. */
  private ownerOf(batch: FetchedBatch): OwnedPartition | undefined {
    const owner = this.trackers.get(batch);
    if (!owner || batch.highWatermark >= owner.tracker.nextOffset) return owner;
    this.drop(owner);
    return this.trackers.assign(batch, { offset: batch.firstOffset, metadata: '' });
  }

  private sourceOf(owner: OwnedPartition): Source {
    const known = this.sources.get(owner);
    if (known) return known;
    const takenEnd = owner.tracker.nextOffset;
    const source = {
      owner,
      backlog: new Fifo<ConsumedRecord>(),
      takenEnd,
      heldRecords: 0,
      heldBytes: 0,
      pausedAtMs: undefined,
    };
    this.sources.set(owner, source);
    return source;
  }

  private drain(source: Source): void {
    for (let record = source.backlog.peek(); record && !this.shortOfMemory; record = source.backlog.peek()) {
      const registration = source.owner.tracker.register(record.offset);
      if (registration === 'full') break;
      source.backlog.shift();
      if (registration === 'new') this.place(source, record);
    }
    if (source.backlog.length > 0) this.blocked.add(source);
    else this.blocked.delete(source);
    this.skipTaken(source);
    this.regulate(source);
  }

  private skipTaken(source: Source): void {
    if (source.backlog.length === 0) source.owner.tracker.skipTo(source.takenEnd);
  }

  private place(source: Source, record: ConsumedRecord): void {
    const { owner } = source;
    const { item, key } = this.ports.decode(record, owner);
    if (key && !owner.handled.add(key)) {
      this.repeatCount += 1;
      owner.tracker.finish(record.offset);
      return;
    }
    const ahead = this.waitingIn(item.lane);
    if (!this.ports.stays(item, ahead)) {
      this.hold(source, item);
      this.ports.divert(item, ahead);
      return;
    }
    const behind = this.held.get(item.lane);
    if (!behind && this.enqueue(item) === 'queued') return;
    const queue = behind ?? new Fifo<T>();
    this.held.set(item.lane, queue);
    queue.push(item);
    this.hold(source, item);
  }

  private hold(source: Source, { bytes }: T): void {
    source.heldRecords += 1;
    source.heldBytes += bytes;
  }

  private waitingIn(lane: string): number {
    return this.lanes.queuedIn(lane) + (this.held.get(lane)?.length ?? 0);
  }

  private enqueue(item: T): Enqueued {
    const enqueued = this.lanes.enqueue(item);
    if (enqueued === 'full') this.shortOfMemory = true;
    return enqueued;
  }

  /** Moves held items into their lane while it takes them. */
  private refill(lane: string): Enqueued {
    const queue = this.held.get(lane);
    if (!queue) return 'queued';
    for (let item = queue.peek(); item !== undefined; item = queue.peek()) {
      const enqueued = this.enqueue(item);
      if (enqueued !== 'queued') return enqueued;
      queue.shift();
      this.release(item);
    }
    this.held.delete(lane);
    return 'queued';
  }

  private release(item: T): void {
    const source = this.sources.get(item.owner);
    if (!source) return;
    source.heldRecords -= 1;
    source.heldBytes -= item.bytes;
    this.regulate(source);
  }

  private regulate(source: Source): void {
    const { backlog, heldRecords, heldBytes } = source;
    const shareBytes = this.limits.heldBytes / this.sources.size;
    const crowded = backlog.length > 0 || heldRecords > this.limits.heldRecords || heldBytes > shareBytes;
    if (crowded === (source.pausedAtMs !== undefined)) return;
    source.pausedAtMs = crowded ? this.ports.now() : undefined;
    if (crowded) this.ports.pause(source.owner);
    else this.ports.resume(source.owner);
  }
}
