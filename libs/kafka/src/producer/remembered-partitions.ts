import kafkajs, { type ICustomPartitioner, type Message } from 'kafkajs';
import { partitionOfKey } from './murmur2.js';

/**
 * Kafka's own partitioning (murmur2 of the key), remembered per message. kafkajs partitions anew on each of its retries, and a
 * record without a key would then move, perhaps to a broker that has already answered.
 */
export class RememberedPartitions {
  readonly #partitions = new WeakMap<Message, number>();

  readonly partitioner: ICustomPartitioner = () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    return (args) => {
      const { message, partitionMetadata } = args;
      const known = this.#partitions.get(message) ?? message.partition;
      const chosen = known ?? chosenByKey(message.key, partitionMetadata.length) ?? choose(args);
      this.#partitions.set(message, chosen);
      return chosen;
    };
  };

  /** -1 for a message that was never given a partition. */
  of(message: Message): number {
    return this.#partitions.get(message) ?? -1;
  }
}

/** The same as kafkajs's own, which takes 20 times as long. */
function chosenByKey(key: Message['key'], partitions: number): number | undefined {
  return key === null || key === undefined ? undefined : partitionOfKey(key, partitions);
}
