import type { ConsumedRecord } from '@hookstream/contracts';
import type { FetchedBatch } from '../intake/intake.js';
import { Fifo } from '../lanes/fifo.js';
import type { HandledKey } from '../tracker/handled-keys.js';
import type { OwnedPartition, TopicPartition, TrackerTable } from '../tracker/tracker-table.js';
import { DEFAULT_ORDERED_LIMITS, OrderedMemory, type OrderedLimits } from './ordered-memory.js';
import { OrderedPartition } from './ordered-partition.js';
import type { OrderedPorts } from './ordered-ports.js';
import type { OrderedItem } from './ordered-queue.js';

export interface OrderedTopics {
  /** `deliveries.fifo` */
  readonly source: string;
  /** `fifo.hold` */
  readonly hold: string;
}

export interface OrderedIntakePorts<T> extends Omit<OrderedPorts<T>, 'load'> {
  /** Makes an item of any record, one that cannot be decoded too. Never throws. */
  decode(record: ConsumedRecord, owner: OwnedPartition): { readonly item: T; readonly key?: HandledKey };
  /** Reads a stretch of `fifo.hold` again; rejects where that was not possible. */
  load(
    range: TopicPartition & { readonly fromOffset: number; readonly toOffset: number },
    onRecords: (records: readonly ConsumedRecord[]) => void,
  ): Promise<unknown>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
}

/** One of the two topics of a partition. */
interface Feed {
  owner: OwnedPartition;
  /** Fetched and not registered yet: the tracker's window has no room. */
  readonly backlog: Fifo<ConsumedRecord>;
  takenEnd: number;
  /** Where the log ends, as far as is known. */
  end: number;
  isPaused: boolean;
}

interface OwnedPair<T extends OrderedItem> {
  readonly source: Feed;
  readonly hold: Feed;
  readonly queues: OrderedPartition<T>;
  /** Everything of `fifo.hold` below this was written before the partition was assigned. */
  readonly holdEnd: number;
  /** Above every position of a record of `fifo.hold`: what comes before one may still lie in `deliveries.fifo`. */
  heldEnd: number;
}

/** Where each partition of a topic ends now. */
export type LogEnds = ReadonlyMap<number, number>;

/**
 * Takes what is fetched of `deliveries.fifo` and `fifo.hold`: registers it, tells repeats, and puts it into its queue.
 * Nothing starts before all that may come first is known: `fifo.hold` has been read to the end it had at the assignment,
 * and `deliveries.fifo` past every position met there.
 */
export class OrderedIntake<T extends OrderedItem> {
  readonly memory: OrderedMemory;
  private readonly pairs = new Map<number, OwnedPair<T>>();
  private repeatCount = 0;

  constructor(
    private readonly trackers: TrackerTable,
    private readonly topics: OrderedTopics,
    private readonly ports: OrderedIntakePorts<T>,
    limits: OrderedLimits = DEFAULT_ORDERED_LIMITS,
  ) {
    this.memory = new OrderedMemory(limits);
  }

  get repeats(): number {
    return this.repeatCount;
  }

  get pausedPartitions(): number {
    let count = 0;
    for (const { source } of this.pairs.values()) if (source.isPaused) count += 1;
    return count;
  }

  takes(topic: string): boolean {
    return topic === this.topics.source || topic === this.topics.hold;
  }

  /**
   * Call after the trackers were assigned, before any of their records is accepted.
   *
   * @param ends where the partitions of both topics end now; 0 for one that holds nothing
   */
  assign(gained: readonly TopicPartition[], ends: { readonly source: LogEnds; readonly hold: LogEnds }): void {
    for (const partition of new Set(gained.filter(({ topic }) => this.takes(topic)).map((at) => at.partition))) {
      const source = this.trackers.get({ topic: this.topics.source, partition });
      const hold = this.trackers.get({ topic: this.topics.hold, partition });
      if (!source || !hold) continue;
      this.pairs.get(partition)?.queues.close();
      const pair: OwnedPair<T> = {
        source: feedOf(source, ends.source.get(partition) ?? 0),
        hold: feedOf(hold, ends.hold.get(partition) ?? 0),
        holdEnd: ends.hold.get(partition) ?? 0,
        heldEnd: 0,
        queues: this.queuesOf(source, hold, (): boolean => this.knowsAll(pair)),
      };
      this.trackers.shareHandled(source, hold);
      this.pairs.set(partition, pair);
      this.regulate(pair);
    }
  }

  /** Takes a whole batch; a batch of a partition that is not owned is ignored. */
  accept(batch: FetchedBatch): void {
    const pair = this.pairs.get(batch.partition);
    if (!pair) return;
    const feed = batch.topic === this.topics.hold ? pair.hold : pair.source;
    if (batch.highWatermark < feed.owner.tracker.nextOffset) this.startAnew(pair, feed, batch);
    feed.end = batch.highWatermark;
    for (const record of batch.records) if (record.offset >= feed.takenEnd) feed.backlog.push(record);
    feed.takenEnd = Math.max(feed.takenEnd, batch.lastOffset + 1);
    this.drain(pair, feed);
  }

  /** The fetcher has passed offsets that hold no record at all. */
  skip(range: TopicPartition & { readonly lastOffset: number }): void {
    const pair = this.pairs.get(range.partition);
    if (!pair) return;
    const feed = range.topic === this.topics.hold ? pair.hold : pair.source;
    feed.takenEnd = Math.max(feed.takenEnd, range.lastOffset + 1);
    this.drain(pair, feed);
  }

  /**
   * A record that had started is done with.
   *
   * @param nextAttempt of its next record, where one was written to `fifo.hold`
   */
  settled(item: T, nextAttempt: number | undefined): void {
    const pair = this.pairs.get(item.owner.partition);
    if (!pair) return;
    pair.queues.settled(item, nextAttempt);
    this.drain(pair, pair.source);
    this.drain(pair, pair.hold);
  }

  /** A record that was let go has not started, and will not now. */
  retract(item: T): void {
    this.pairs.get(item.owner.partition)?.queues.retract(item);
  }

  /** Something of this lane has started. */
  started(item: T): void {
    this.pairs.get(item.owner.partition)?.queues.laneStarted(item.lane);
  }

  /** Starts whatever may start. */
  pump(): void {
    for (const { queues } of this.pairs.values()) queues.pump();
  }

  /** To be called several times a second. */
  tick(): void {
    for (const pair of this.pairs.values()) {
      pair.queues.tick();
      this.drain(pair, pair.hold);
      this.drain(pair, pair.source);
    }
  }

  /** Somebody else has the partition now. Both topics of a partition always go together. */
  drop(at: TopicPartition): void {
    const pair = this.pairs.get(at.partition);
    if (!pair) return;
    pair.queues.close();
    this.pairs.delete(at.partition);
    for (const { owner, isPaused } of [pair.source, pair.hold]) if (isPaused) this.ports.resume(owner);
  }

  private queuesOf(source: OwnedPartition, hold: OwnedPartition, mayStart: () => boolean): OrderedPartition<T> {
    const ports: OrderedPorts<T> = {
      release: (item) => this.ports.release(item),
      move: (item) => this.ports.move(item),
      vanished: (queue, position) => this.ports.vanished(queue, position),
      now: () => this.ports.now(),
      load: async (range, onItem) => {
        await this.ports.load({ topic: this.topics.hold, ...range }, (records) => {
          for (const record of records) onItem(this.ports.decode(record, hold).item);
        });
      },
    };
    const changed = () => {
      const pair = this.pairs.get(source.partition);
      if (pair?.queues !== queues) return;
      this.drain(pair, pair.hold);
      this.drain(pair, pair.source);
      queues.pump();
    };
    const queues: OrderedPartition<T> = new OrderedPartition<T>(source, hold, this.memory, ports, mayStart, changed);
    return queues;
  }

  private hasReadHold({ hold, holdEnd }: OwnedPair<T>): boolean {
    return hold.owner.tracker.nextOffset >= holdEnd;
  }

  private drain(pair: OwnedPair<T>, feed: Feed): void {
    for (let record = feed.backlog.peek(); record; record = feed.backlog.peek()) {
      if (feed === pair.source && !this.takesMore(pair)) break;
      const registration = feed.owner.tracker.register(record.offset);
      if (registration === 'full') break;
      feed.backlog.shift();
      if (registration === 'new') this.place(pair, feed, record);
    }
    if (feed.backlog.length === 0) feed.owner.tracker.skipTo(feed.takenEnd);
    this.regulate(pair);
  }

  private knowsAll(pair: OwnedPair<T>): boolean {
    return this.hasReadHold(pair) && this.hasReadSource(pair);
  }

  /** Not beyond its end, whatever position is met: the log may have been made anew. */
  private hasReadSource({ source, heldEnd }: OwnedPair<T>): boolean {
    return source.owner.tracker.nextOffset >= Math.min(heldEnd, source.end);
  }

  private takesMore(pair: OwnedPair<T>): boolean {
    if (!this.hasReadHold(pair) || pair.queues.isCrowded) return false;
    if (!this.hasReadSource(pair)) return true;
    return !this.memory.isFull && pair.hold.owner.tracker.span < this.memory.limits.holdWindow / 2;
  }

  private place(pair: OwnedPair<T>, feed: Feed, record: ConsumedRecord): void {
    const { owner } = feed;
    const { item, key } = this.ports.decode(record, owner);
    if (key && this.isRepeat(pair, feed, item, key)) {
      this.repeatCount += 1;
      owner.tracker.finish(record.offset);
      return;
    }
    if (feed === pair.hold) {
      pair.heldEnd = Math.max(pair.heldEnd, item.position + 1);
      pair.queues.fromHold(item);
    } else {
      pair.queues.fromSource(item);
    }
  }

  /** One memory for both topics: what was written twice is known wherever it turns up. */
  private isRepeat({ source, hold, queues }: OwnedPair<T>, feed: Feed, item: T, key: HandledKey): boolean {
    const { handled } = source.owner;
    if (handled.add(key)) return false;
    return feed !== hold || !queues.counts(item, handled.hasBegun(key));
  }

  private regulate(pair: OwnedPair<T>): void {
    this.setPaused(pair.source, pair.source.backlog.length > 0 || !this.takesMore(pair));
    this.setPaused(pair.hold, pair.hold.backlog.length > 0);
  }

  private setPaused(feed: Feed, paused: boolean): void {
    if (paused === feed.isPaused) return;
    feed.isPaused = paused;
    if (paused) this.ports.pause(feed.owner);
    else this.ports.resume(feed.owner);
  }

  /** A log that ends before what was read of it is another log, made anew under the same name. */
  private startAnew(pair: OwnedPair<T>, feed: Feed, batch: FetchedBatch): void {
    const { queues } = pair;
    const owner = this.trackers.assign(batch, { offset: batch.firstOffset, metadata: '' });
    while (feed.backlog.shift());
    feed.owner = owner;
    feed.takenEnd = owner.tracker.nextOffset;
    if (batch.topic === this.topics.hold) queues.hold = owner;
    else queues.source = owner;
    pair.heldEnd = 0;
    this.trackers.shareHandled(queues.source, queues.hold);
  }
}

function feedOf(owner: OwnedPartition, end: number): Feed {
  return { owner, backlog: new Fifo<ConsumedRecord>(), takenEnd: owner.tracker.nextOffset, end, isPaused: false };
}
