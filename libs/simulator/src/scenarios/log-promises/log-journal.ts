import { keyOf, type RecordBatch, type RecordPosition, type TopicPartition } from '@hookstream/kafka';
import { type Cluster } from '../../broker/cluster.js';
import { type ObservedCommit } from '../../broker/group-coordinator.js';
import { mustHold } from '../../faults/broken-promise.js';

/** What was written, acknowledged, delivered and committed, and what of that must not be. */
export class LogJournal {
  readonly #acknowledged = new Map<string, RecordPosition>();
  readonly #undelivered = new Set<string>();
  readonly #committed = new Map<string, number>();
  #deliveries = 0;

  constructor(private readonly topic: string) {}

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  /** Acknowledged and not delivered to anyone so far. */
  get undelivered(): number {
    return this.#undelivered.size;
  }

  wasAcknowledged(value: string, position: RecordPosition, delivered: ReadonlySet<string>): void {
    this.#acknowledged.set(value, position);
    if (!delivered.has(value)) this.#undelivered.add(value);
  }

  wasDelivered(value: string): void {
    this.#deliveries += 1;
    this.#undelivered.delete(value);
  }

  wasCommitted({ topic, partition, offset, client, owner }: ObservedCommit): void {
    const key = keyOf({ topic, partition });
    const before = this.#committed.get(key) ?? 0;
    this.#committed.set(key, offset);
    mustHold(offset >= before || client === owner, () => `${String(client)} has set ${key} back to ${offset}`);
  }

  /** Every acknowledged record lies where the acknowledgement said. */
  checkLog(cluster: Cluster): void {
    const logged = cluster
      .partitions(this.topic)
      .map(({ records }) => new Map(records.map(({ offset, value }) => [offset, String(value)])));
    for (const [value, { partition, offset }] of this.#acknowledged) {
      const found = logged[partition]?.get(offset ?? -1);
      mustHold(found === value, () => `${value} is not at ${partition}@${String(offset)}`);
    }
  }
}

/** Per partition what an ordered producer wrote: in the order it sent, nothing twice. Values are `producer/number`. */
export function checkOrder(cluster: Cluster, topic: string): void {
  for (const { partition, records } of cluster.partitions(topic)) {
    const last = new Map<string, number>();
    for (const { value } of records) {
      const [producer = '', number = ''] = (value?.toString() ?? '').split('/');
      if (!producer.startsWith('ordered')) continue;
      const before = last.get(producer) ?? -1;
      last.set(producer, Number(number));
      mustHold(Number(number) > before, () => `${producer} in ${topic}/${partition}: ${number} after ${before}`);
    }
  }
}

/** Where each partition of one member must go on: nothing is left out while it is owned. */
export class DeliveryOrder {
  readonly #next = new Map<string, number>();

  /** Owned from now: it begins wherever the group stands. */
  begin(gained: readonly TopicPartition[]): void {
    for (const partition of gained) this.#next.delete(keyOf(partition));
  }

  delivered(batch: RecordBatch): void {
    const next = this.#next.get(keyOf(batch));
    mustHold(
      next === undefined || batch.firstOffset === next,
      () => `${keyOf(batch)} goes on at ${batch.firstOffset} instead of ${String(next)}`,
    );
    const offsets = batch.records.map(({ offset }) => offset);
    mustHold(
      offsets.every((offset, i) => offset >= batch.firstOffset && offset > (offsets[i - 1] ?? -1)),
      () => `${keyOf(batch)} came out of order: ${offsets.join()}`,
    );
  }

  handled(at: TopicPartition & { readonly lastOffset: number }): void {
    this.#next.set(keyOf(at), at.lastOffset + 1);
  }
}
