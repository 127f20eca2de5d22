import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, type EachBatchPayload } from 'kafkajs';
import { toKafkaError, verdictOf } from '../client/error-mapping.js';
import { RebalancedError } from '../errors.js';
import { type OffsetCommit } from '../ports.js';
import { groupByTopic } from '../topic-partitions.js';
import { type Membership } from './membership.js';
import { type PartitionIntake } from './partition-intake.js';

type CommitOnce = EachBatchPayload['commitOffsetsIfNecessary'];

const RETRY_FOR_MS = 5_000;
const BACKOFF_MS = 100;

/**
 * Commits for partitions owned, and only for them: a broker takes a member's word for any partition, so that a late commit
 * after a rebalance could set the new owner's offset back.
 */
export class OffsetCommitter {
  /** kafkajs's own `commitOffsets` repeats a commit for as long as it takes, under whatever generation it then has. */
  #commitOnce: CommitOnce | undefined;

  constructor(
    readonly consumer: Consumer,
    readonly membership: Membership,
  ) {}

  /** A way to commit without repeats: kafkajs gives it with each batch only. */
  learn(commitOnce: CommitOnce): void {
    this.#commitOnce ??= commitOnce;
  }

  /** See `RecordConsumer.commit`. */
  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    if (offsets.length === 0) return;
    const owned = new Map<OffsetCommit, PartitionIntake>();
    for (const offset of offsets) {
      const intake = this.membership.find(offset);
      if (intake !== undefined) owned.set(offset, intake);
    }
    const deadline = performance.now() + RETRY_FOR_MS;
    for (;;) {
      const mine = [...owned].filter(([, intake]) => this.membership.holds(intake)).map(([offset]) => offset);
      const failure = mine.length === 0 ? undefined : await this.#tryCommit(mine);
      if (failure === undefined) {
        if (mine.length === offsets.length) return;
        throw new RebalancedError(
          `${offsets.length - mine.length} of ${offsets.length} partitions are not owned (any more)`,
        );
      }
      // During a rebalance as well: after it, partitions that were kept can be committed.
      const again = verdictOf(failure.error) === 'transient' || verdictOf(failure.error) === 'fenced';
      if (!again || performance.now() >= deadline) throw toKafkaError('Committing offsets', failure.error);
      await sleep(BACKOFF_MS);
    }
  }

  async #tryCommit(offsets: readonly OffsetCommit[]): Promise<{ readonly error: unknown } | undefined> {
    try {
      if (this.#commitOnce === undefined) {
        await this.consumer.commitOffsets(offsets.map(toClient));
      } else {
        const topics = [...groupByTopic(offsets)].map(([topic, ofTopic]) => ({
          topic,
          partitions: ofTopic.map(toClient),
        }));
        await this.#commitOnce({ topics });
      }
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}

function toClient({ topic, partition, offset, metadata }: OffsetCommit) {
  return { topic, partition, offset: String(offset), metadata: metadata ?? null };
}
