import { type TopicPartition } from '../ports.js';
import { keyOf } from '../topic-partitions.js';

/** Which partitions' handlers are at work: at most one each, also when the partition is lost and comes back meanwhile. */
export class RunningHandlers {
  readonly #running = new Map<string, Promise<unknown>>();

  track(partition: TopicPartition, work: Promise<unknown>): void {
    const key = keyOf(partition);
    this.#running.set(key, work);
    void work.finally(() => {
      if (this.#running.get(key) === work) this.#running.delete(key);
    });
  }

  async finished(partition: TopicPartition): Promise<void> {
    await this.#running.get(keyOf(partition));
  }

  async allFinished(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
