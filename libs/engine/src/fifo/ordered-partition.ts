import { WakeHeap } from '../ladder/wake-heap.js';
import { Fifo } from '../lanes/fifo.js';
import type { OwnedPartition } from '../tracker/tracker-table.js';
import { HoldReader } from './hold-reader.js';
import type { OrderedMemory } from './ordered-memory.js';
import type { OrderedPorts } from './ordered-ports.js';
import { OrderedQueue, type OrderedItem } from './ordered-queue.js';
import { IN_SOURCE, ON_ITS_WAY } from './position-queue.js';
import { QueueContents } from './queue-contents.js';

/** A record of `deliveries.fifo`: as long as it is in memory, its offset is not finished. */
interface InMemory<T extends OrderedItem> {
  readonly queue: OrderedQueue<T>;
  readonly position: number;
  readonly sinceMs: number;
}

const WAKES_PER_TICK = 10_000;

/**
 * The queues of one partition of `deliveries.fifo` and `fifo.hold`. Of each queue only the first may be under way: the one
 * with the lowest position, wherever its newest record lies. What has to wait long is written to `fifo.hold`, and so is
 * the first itself whenever it has to be tried again: a wait is a record there that says when it is due, and nothing is
 * lost with the process.
 */
export class OrderedPartition<T extends OrderedItem> {
  private readonly queues = new Map<string, OrderedQueue<T>>();
  private readonly ready = new Fifo<OrderedQueue<T>>();
  private readonly wanted = new Fifo<OrderedQueue<T>>();
  private readonly parked = new Map<string, Fifo<OrderedQueue<T>>>();
  private readonly asleep = new WakeHeap<OrderedQueue<T>>();
  private readonly inMemory = new Fifo<InMemory<T>>();
  private readonly reader: HoldReader<T>;
  private readonly contents: QueueContents<T>;
  private movingCount = 0;
  private movingBytes = 0;
  private closed = false;

  /** @param mayStart whether `fifo.hold` has been read to the end it had when the partition was assigned */
  constructor(
    public source: OwnedPartition,
    public hold: OwnedPartition,
    private readonly memory: OrderedMemory,
    private readonly ports: OrderedPorts<T>,
    private readonly mayStart: () => boolean,
    private readonly onChange: () => void,
  ) {
    this.reader = new HoldReader(hold.partition, ports);
    this.contents = new QueueContents(memory);
  }

  /** So much is being written to `fifo.hold` that no more should come. */
  get isCrowded(): boolean {
    const { movingRecords, movingBytes } = this.memory.limits;
    return this.movingCount >= movingRecords || this.movingBytes >= movingBytes;
  }

  /** Deliveries that are not finished. */
  get waiting(): number {
    let count = 0;
    for (const { order } of this.queues.values()) count += order.length;
    return count;
  }

  /** A record of `deliveries.fifo`. */
  fromSource(item: T): void {
    const queue = this.queueOf(item.queue);
    const { position } = item;
    if (queue.order.placeOf(position) !== undefined) {
      // Its copy in `fifo.hold` is not older.
      this.source.tracker.finish(item.offset);
      return;
    }
    this.contents.put(queue, position, IN_SOURCE);
    this.contents.keep(queue, item);
    if (this.hasToWait(queue, position)) {
      this.moveToHold(queue, item);
      return;
    }
    this.inMemory.push({ queue, position, sinceMs: this.ports.now() });
    this.assess(queue);
  }

  /**
   * Whether a record of `fifo.hold` counts although one like it is known: what a former owner has written and this one
   * writes once more is alike, and may be the one that is waited for.
   *
   * @param isMade another record of its attempt has started, so that nothing is to come of this one
   */
  counts({ queue: key, position, attempt }: T, isMade: boolean): boolean {
    const queue = this.queues.get(key);
    if (!queue) return false;
    if (queue.running?.position === position) return true;
    if (queue.order.placeOf(position) !== ON_ITS_WAY || queue.expected.get(position) !== attempt) return false;
    if (!isMade) return true;
    this.contents.remove(queue, position);
    this.assess(queue);
    return false;
  }

  /** A record of `fifo.hold`: the newest of its delivery. */
  fromHold(item: T): void {
    const queue = this.queueOf(item.queue);
    const { position, offset } = item;
    const former = queue.order.placeOf(position);
    const isRunning = queue.running?.position === position;
    // A former owner has written this one, and could not finish that of the source any more.
    if (former === IN_SOURCE && !isRunning) this.source.tracker.finish(position);
    if (former !== undefined && former >= 0 && !(isRunning && queue.running?.offset === former)) {
      this.hold.tracker.finish(former);
    }
    this.contents.unload(queue, position);
    this.contents.put(queue, position, offset);
    queue.expected.delete(position);
    if (isRunning) queue.arrived = item.attempt;
    this.remember(queue, item);
    this.assess(queue);
  }

  /**
   * A record that had started is done with.
   *
   * @param nextAttempt of its next record, where one was written to `fifo.hold`
   */
  settled(item: T, nextAttempt: number | undefined): void {
    const queue = this.queues.get(item.queue);
    if (queue?.running !== item) return;
    const { arrived } = queue;
    queue.running = undefined;
    queue.arrived = undefined;
    const { position, owner } = item;
    const continues = nextAttempt !== undefined && !owner.lost;
    if (!continues || arrived !== nextAttempt) {
      const place = queue.order.placeOf(position);
      if (place !== undefined && place >= 0 && place !== this.placeIn(item)) this.hold.tracker.finish(place);
    }
    if (!continues) this.contents.remove(queue, position);
    else if (arrived !== nextAttempt) this.contents.expect(queue, position, nextAttempt);
    this.assess(queue);
  }

  /** A record that had been let go has not started, and will not. */
  retract(item: T): void {
    const queue = this.queues.get(item.queue);
    if (queue?.running !== item) return;
    queue.running = undefined;
    const { position, owner, offset } = item;
    if (queue.order.placeOf(position) !== this.placeIn(item)) owner.tracker.finish(offset);
    else {
      this.contents.keep(queue, item);
      if (owner.topic === this.source.topic) this.inMemory.push({ queue, position, sinceMs: this.ports.now() });
    }
    this.assess(queue);
  }

  /** Something of this lane has started: there is room for one more. */
  laneStarted(lane: string): void {
    const queues = this.parked.get(lane);
    const queue = queues?.shift();
    if (!queue) return;
    if (queues?.length === 0) this.parked.delete(lane);
    queue.stage = 'idle';
    this.assess(queue);
  }

  /** Starts whatever may start. */
  pump(): void {
    // Asked after every request of the dispatcher, of which few are ordered.
    if (this.ready.length === 0 && this.wanted.length === 0) return;
    if (this.closed || !this.mayStart()) return;
    for (let queue = this.ready.shift(); queue; queue = this.ready.shift()) {
      queue.stage = 'idle';
      if (this.letGo(queue) === 'full') return;
    }
    this.readWanted();
  }

  /** To be called several times a second. */
  tick(): void {
    if (this.closed) return;
    const nowMs = this.ports.now();
    for (const queue of this.asleep.popUntil(nowMs, WAKES_PER_TICK)) {
      if (queue.stage === 'asleep') this.assess(queue);
    }
    for (const lane of [...this.parked.keys()]) this.laneStarted(lane);
    if (this.mayStart()) this.moveWhatWaits(nowMs);
    this.rotate();
    this.pump();
  }

  /** Somebody else does its records now. */
  close(): void {
    this.closed = true;
    for (const queue of this.queues.values()) {
      for (const { bytes } of queue.near.values()) this.memory.payloadBytes -= bytes;
      this.memory.positions -= queue.order.length;
      this.memory.queues -= 1;
      queue.near.clear();
      queue.running = undefined;
    }
    this.queues.clear();
  }

  private queueOf(key: string): OrderedQueue<T> {
    const known = this.queues.get(key);
    if (known) return known;
    const queue = new OrderedQueue<T>(key);
    this.queues.set(key, queue);
    this.memory.queues += 1;
    return queue;
  }

  /** Decides what the first of a queue waits for, unless that is known. */
  private assess(queue: OrderedQueue<T>): void {
    if (queue.running !== undefined || (queue.stage !== 'idle' && queue.stage !== 'asleep')) return;
    const { first } = queue.order;
    if (first === undefined) {
      this.forget(queue);
      return;
    }
    const wasAsleep = queue.stage === 'asleep';
    queue.stage = 'idle';
    if (queue.order.placeOf(first) === ON_ITS_WAY) return;
    const dueAtMs = queue.dues.get(first) ?? 0;
    if (dueAtMs > this.ports.now()) {
      queue.stage = 'asleep';
      if (wasAsleep && queue.wakeAtMs === dueAtMs) return;
      queue.wakeAtMs = dueAtMs;
      this.asleep.push(dueAtMs, queue);
      return;
    }
    queue.stage = 'ready';
    this.ready.push(queue);
  }

  private letGo(queue: OrderedQueue<T>): 'full' | undefined {
    const { first } = queue.order;
    const place = first === undefined ? undefined : queue.order.placeOf(first);
    if (first === undefined || place === ON_ITS_WAY || (queue.dues.get(first) ?? 0) > this.ports.now()) {
      this.assess(queue);
      return undefined;
    }
    const item = queue.near.get(first);
    if (!item) {
      queue.stage = 'wanted';
      this.wanted.push(queue);
      return undefined;
    }
    queue.running = item;
    const release = this.ports.release(item);
    if (release === 'started') {
      this.contents.unload(queue, first);
      return undefined;
    }
    queue.running = undefined;
    if (release === 'full') {
      queue.stage = 'ready';
      this.ready.push(queue);
      return 'full';
    }
    if (release === 'lane-full') {
      queue.stage = 'parked';
      const parked = this.parked.get(item.lane) ?? new Fifo<OrderedQueue<T>>();
      this.parked.set(item.lane, parked);
      parked.push(queue);
      return undefined;
    }
    queue.dues.set(first, release);
    this.assess(queue);
    return undefined;
  }

  private hasToWait(queue: OrderedQueue<T>, position: number): boolean {
    const { maxWaitMs, queueRecords } = this.memory.limits;
    if (queue.stage === 'asleep' && queue.wakeAtMs - this.ports.now() > maxWaitMs) return true;
    if (queue.near.size > queueRecords) return true;
    return !this.memory.hasRoom && (queue.running !== undefined || queue.order.first !== position);
  }

  /** What has waited too long goes to hold, so that the offsets of `deliveries.fifo` go on. */
  private moveWhatWaits(nowMs: number): void {
    const longest = this.memory.limits.maxWaitMs;
    for (let next = this.inMemory.peek(); next; next = this.inMemory.peek()) {
      const { queue, position, sinceMs } = next;
      const item = queue.near.get(position);
      const isThere = item?.owner.topic === this.source.topic;
      if (isThere && nowMs - sinceMs < longest) return;
      this.inMemory.shift();
      if (isThere) this.moveToHold(queue, item);
    }
  }

  /** Writes a record to the end of `fifo.hold`, from where it comes back as the newest. */
  private moveToHold(queue: OrderedQueue<T>, item: T): void {
    this.contents.expect(queue, item.position, item.attempt);
    this.movingCount += 1;
    this.movingBytes += item.bytes;
    void this.ports.move(item).then((result) => {
      this.movingCount -= 1;
      this.movingBytes -= item.bytes;
      item.owner.tracker.finish(item.offset);
      if (this.closed) return;
      if (result === 'ended') {
        this.contents.remove(queue, item.position);
        this.assess(queue);
      }
      this.onChange();
    });
  }

  private remember(queue: OrderedQueue<T>, item: T): void {
    const { position, dueAtMs } = item;
    const nowMs = this.ports.now();
    if (dueAtMs > nowMs) queue.dues.set(position, dueAtMs);
    else queue.dues.delete(position);
    const { maxWaitMs, readAhead } = this.memory.limits;
    const soon = dueAtMs - nowMs <= maxWaitMs && queue.order.rankOf(position) < readAhead;
    if (soon && this.memory.hasRoom) this.contents.keep(queue, item);
  }

  private readWanted(): void {
    if (!this.reader.isFree) return;
    for (let queue = this.wanted.shift(); queue; queue = this.wanted.shift()) {
      const { first } = queue.order;
      const place = first === undefined ? undefined : queue.order.placeOf(first);
      if (first !== undefined && place !== undefined && place >= 0 && !queue.near.has(first)) {
        this.readFirst(queue, first, place);
        return;
      }
      queue.stage = 'idle';
      this.assess(queue);
    }
  }

  /** Reads the first of a queue again, and what of others lies behind it and starts soon. */
  private readFirst(queue: OrderedQueue<T>, first: number, place: number): void {
    const isFirst = (item: T) => item.position === first && item.queue === queue.key;
    const attach = (item: T) => {
      // Nothing is left of a partition that was closed meanwhile.
      const owner = this.queues.get(item.queue);
      if (!owner || owner.near.has(item.position) || owner.order.placeOf(item.position) !== item.offset) return;
      if (isFirst(item)) this.contents.keep(owner, item);
      else if (owner.running?.position !== item.position) this.remember(owner, item);
    };
    this.reader.read(place, attach, (complete) => {
      if (this.closed) return;
      queue.stage = 'idle';
      const isGone = complete && !queue.near.has(first) && queue.order.placeOf(first) === place;
      if (isGone) {
        this.ports.vanished(queue.key, first);
        this.hold.tracker.finish(place);
        this.contents.remove(queue, first);
      }
      this.assess(queue);
      this.onChange();
    });
  }

  /**
   * While a record waits, all that is finished behind it has to be remembered by its owner and by the next one. When that
   * is much, and more than what waits, the oldest are written anew at the end.
   */
  private rotate(): void {
    const { span, open, nextOffset } = this.hold.tracker;
    const finished = span - open;
    if (!this.reader.isFree || !this.mayStart() || this.isCrowded) return;
    const { rotateFrom, holdWindow } = this.memory.limits;
    if (finished < rotateFrom || (finished < open && span < holdWindow / 2)) return;
    const again = (item: T) => {
      const queue = this.queues.get(item.queue);
      if (!queue || queue.running?.position === item.position) return;
      if (queue.order.placeOf(item.position) === item.offset) this.moveToHold(queue, item);
    };
    this.reader.read(nextOffset - span, again, () => {
      if (!this.closed) this.onChange();
    });
  }

  private placeIn({ owner, offset }: T): number {
    return owner.topic === this.source.topic ? IN_SOURCE : offset;
  }

  private forget(queue: OrderedQueue<T>): void {
    if (this.queues.get(queue.key) !== queue) return;
    this.queues.delete(queue.key);
    this.memory.queues -= 1;
  }
}
