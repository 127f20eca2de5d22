import { type Consumer } from 'kafkajs';
import { type TopicPartition } from '../ports.js';
import { type PartitionIntake } from './partition-intake.js';

/** Turns what should be into what kafkajs fetches. Calls after the consumer has stopped do nothing. */
export class PartitionFlow {
  #stopped = false;

  constructor(
    readonly consumer: Consumer,
    readonly isPaused: (partition: TopicPartition) => boolean,
  ) {}

  /** Fetch the partition, or not. */
  apply(intake: PartitionIntake): void {
    if (this.#stopped) return;
    const { topic, partition } = intake;
    const selection = [{ topic, partitions: [partition] }];
    if (intake.isHeld || this.isPaused(intake)) this.consumer.pause(selection);
    else this.consumer.resume(selection);
  }

  /** Fetch on from the intake's position, where it has one. */
  seekToPosition({ topic, partition, position }: PartitionIntake): void {
    if (this.#stopped || position === undefined) return;
    this.consumer.seek({ topic, partition, offset: String(position) });
  }

  stop(): void {
    this.#stopped = true;
  }
}
