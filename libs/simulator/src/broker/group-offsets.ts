import { type CommittedOffset, type OffsetCommit } from '@hookstream/kafka';
import { BrokerError } from './broker-error.js';

const MAX_METADATA_BYTES = 4_096;

interface Stored {
  readonly offset: number;
  readonly metadata: string;
}

/** What a group has stored. */
export class GroupOffsets {
  readonly #topics = new Map<string, Map<number, Stored>>();

  /** @throws `OFFSET_METADATA_TOO_LARGE`, and nothing is stored */
  store(commits: readonly OffsetCommit[]): void {
    if (commits.some(({ metadata }) => Buffer.byteLength(metadata ?? '') > MAX_METADATA_BYTES)) {
      throw new BrokerError('OFFSET_METADATA_TOO_LARGE');
    }
    for (const { topic, partition, offset, metadata = '' } of commits) {
      const partitions = this.#topics.get(topic) ?? new Map<number, Stored>();
      this.#topics.set(topic, partitions.set(partition, { offset, metadata }));
    }
  }

  of(topic: string, partition: number): CommittedOffset {
    const stored = this.#topics.get(topic)?.get(partition);
    return { topic, partition, offset: stored?.offset, metadata: stored?.metadata ?? '' };
  }
}
