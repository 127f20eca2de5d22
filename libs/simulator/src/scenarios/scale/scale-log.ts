import {
  decodeDelivery,
  encodeDelivery,
  type ConsumedRecord,
  type OutgoingRecord,
  type Topics,
} from '@hookstream/contracts';
import { hopTopic, WakeHeap, type Acknowledged, type Dispatcher, type TopicPartition } from '@hookstream/engine';
import { partitionOfKey } from '@hookstream/kafka';
import { type Scheduler } from '../../clock/scheduler.js';

const ACK_MS = 4;
const FETCH_RECORDS = 250;
/** What is parked is offered again, as by a sweep. */
const SWEEP_MS = 30_000;

/**
 * The topics as far as one dispatcher sees them, in memory and without faults: nothing is kept that has been read. What
 * is put off climbs the delay ladder with its real hops.
 */
export class ScaleLog {
  /** Records written, by topic; the levels of the ladder as one. */
  readonly written = new Map<string, number>();
  readonly #queues: ConsumedRecord[][];
  readonly #ends: number[];
  readonly #paused = new Set<number>();
  readonly #delayed = new WakeHeap<OutgoingRecord>();
  #unacknowledged: ((acknowledged: Acknowledged) => void)[] = [];
  #reports = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly topics: Topics,
    readonly partitions: number,
  ) {
    this.#queues = Array.from({ length: partitions }, () => []);
    this.#ends = Array.from({ length: partitions }, () => 0);
  }

  get waiting(): number {
    return this.#delayed.size;
  }

  pause({ partition }: TopicPartition): void {
    this.#paused.add(partition);
  }

  resume({ partition }: TopicPartition): void {
    this.#paused.delete(partition);
  }

  /** Acknowledged together a little later, as a batching producer's are. */
  publish(record: OutgoingRecord): Promise<Acknowledged> {
    this.write(record);
    if (this.#unacknowledged.length === 0) {
      this.scheduler.after(ACK_MS, () => {
        for (const acknowledge of this.#unacknowledged.splice(0)) acknowledge({ offset: this.#reports++ });
      });
    }
    return new Promise((resolve) => this.#unacknowledged.push(resolve));
  }

  write(record: OutgoingRecord): void {
    const { topic } = record;
    const level = this.topics.delayLevels.find((each) => each.topic === topic);
    const kind = level ? 'delay levels' : topic;
    this.written.set(kind, (this.written.get(kind) ?? 0) + 1);
    if (topic === this.topics.deliveries) this.#append(record);
    else if (level) this.#delayed.push(this.scheduler.nowMs + level.delayMs, record);
    else if (topic === this.topics.parked) this.#delayed.push(this.scheduler.nowMs + SWEEP_MS, record);
    else if (topic === this.topics.delayNear) this.#delayed.push(decodeDelivery(asRead(record)).dueAtMs, record);
  }

  /** Moves on what has waited enough, and hands over what is there. */
  turn(dispatcher: Dispatcher): void {
    for (const record of this.#delayed.popUntil(this.scheduler.nowMs, Infinity)) {
      const delivery = decodeDelivery(asRead(record));
      const next = record.topic === this.topics.parked ? this.topics.deliveries : undefined;
      const topic = next ?? hopTopic(this.topics, delivery, this.scheduler.nowMs);
      this.write(encodeDelivery(topic, { ...delivery, hops: delivery.hops + 1 }));
    }
    for (const [partition, queue] of this.#queues.entries()) {
      if (queue.length === 0 || this.#paused.has(partition)) continue;
      const records = queue.splice(0, FETCH_RECORDS);
      const firstOffset = records[0]?.offset ?? 0;
      const lastOffset = records.at(-1)?.offset ?? 0;
      const highWatermark = this.#ends[partition] ?? 0;
      dispatcher.accept({ topic: this.topics.deliveries, partition, records, firstOffset, lastOffset, highWatermark });
    }
  }

  #append(record: OutgoingRecord): void {
    const partition = partitionOfKey(record.key ?? '', this.partitions);
    const offset = this.#ends[partition] ?? 0;
    this.#ends[partition] = offset + 1;
    this.#queues[partition]?.push({ ...asRead(record), partition, offset, timestamp: this.scheduler.nowMs });
  }
}

function asRead({ topic, key, value, headers = {} }: OutgoingRecord): ConsumedRecord {
  const read = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  return {
    topic,
    partition: 0,
    offset: 0,
    timestamp: 0,
    key: key === null ? null : Buffer.from(key),
    value,
    headers: Object.fromEntries(read),
  };
}
