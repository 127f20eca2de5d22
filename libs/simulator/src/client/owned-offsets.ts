import { type Membership, type OffsetCommit, type PartitionIntake, RebalancedError } from '@hookstream/kafka';
import { isFenced, isTransient, toKafkaError } from '../broker/broker-error.js';
import { type Clock } from '../clock/clock.js';
import { type GroupClient } from './group-client.js';

const RETRY_FOR_MS = 5_000;
const BACKOFF_MS = 100;

/** Commits for partitions owned, and only for them: a group takes a member's word for any. As the real consumer does. */
export async function commitOwned(
  clock: Clock,
  membership: Membership,
  group: Pick<GroupClient, 'commit'>,
  offsets: readonly OffsetCommit[],
): Promise<void> {
  if (offsets.length === 0) return;
  const owned = new Map<OffsetCommit, PartitionIntake>();
  for (const offset of offsets) {
    const intake = membership.find(offset);
    if (intake !== undefined) owned.set(offset, intake);
  }
  const deadline = clock.performanceNow() + RETRY_FOR_MS;
  for (;;) {
    const mine = [...owned].filter(([, intake]) => membership.holds(intake)).map(([offset]) => offset);
    try {
      if (mine.length > 0) await group.commit(mine);
      if (mine.length === offsets.length) return;
      const notOwned = offsets.length - mine.length;
      throw new RebalancedError(`${notOwned} of ${offsets.length} partitions are not owned (any more)`);
    } catch (error) {
      const again = isTransient(error) || isFenced(error);
      if (!again || clock.performanceNow() >= deadline) throw toKafkaError('Committing offsets', error);
    }
    await clock.sleep(BACKOFF_MS);
  }
}
