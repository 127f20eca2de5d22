import type { TopicPartition } from './tracker-table.js';

/** The window of a partition is full behind one record that waits long: its batch has to be handed again later. */
export class WindowFull extends Error {
  override readonly name = 'WindowFull';
  readonly retryable = true;

  constructor({ topic, partition }: TopicPartition) {
    super(`${topic}/${partition} waits for its oldest record`);
  }
}
