import { type OutgoingRecord } from '@hookstream/contracts';
import { partitionOfKey } from '@hookstream/kafka';
import { type SeededRandom } from '../clock/seeded-random.js';

/** Kafka's own choice: the partition named, else the key's, else all in turn, from anywhere on. */
export class Partitioner {
  readonly #turns = new Map<string, number>();

  constructor(private readonly random: SeededRandom) {}

  choose({ topic, partition, key }: OutgoingRecord, partitions: number): number {
    if (partition !== undefined) return partition;
    if (key !== null) return partitionOfKey(key, partitions);
    const turn = this.#turns.get(topic) ?? this.random.below(partitions);
    this.#turns.set(topic, turn + 1);
    return turn % partitions;
  }
}
