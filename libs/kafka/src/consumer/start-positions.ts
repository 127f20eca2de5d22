import {
  type CommittedOffset,
  type LogAdmin,
  type StartAt,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../ports.js';
import { groupByTopic, keyOf } from '../topic-partitions.js';

type Offsets = Pick<LogAdmin, 'committed' | 'endOffsets'>;

/**
 * Where to start in the partitions that have no committed offset and do not start at the earliest (which kafkajs does
 * by itself). They are to be committed too: a member that dies before its first commit must not let its successor start
 * at a later end.
 */
export async function startPositions(
  offsets: Offsets,
  groupId: string,
  gained: readonly TopicPartition[],
  startAt: StartAt,
): Promise<readonly TopicPartitionOffset[]> {
  const wanted = new Map(
    gained.map((partition) => [keyOf(partition), typeof startAt === 'function' ? startAt(partition) : startAt]),
  );
  const open = gained.filter((partition) => wanted.get(keyOf(partition)) !== 'earliest');
  if (open.length === 0) return [];
  const byTopic = groupByTopic(open);
  const stored = await offsets.committed(groupId, [...byTopic.keys()]);
  const started = new Set(stored.filter(hasOffset).map(keyOf));

  const positions: TopicPartitionOffset[] = [];
  for (const [topic, partitions] of byTopic) {
    const fresh = partitions.filter((partition) => !started.has(keyOf(partition)));
    if (fresh.length === 0) continue;
    const ends = new Map((await offsets.endOffsets(topic)).map(({ partition, offset }) => [partition, offset]));
    for (const { partition } of fresh) {
      const start = wanted.get(keyOf({ topic, partition }));
      const offset = typeof start === 'number' ? start : ends.get(partition);
      if (offset !== undefined) positions.push({ topic, partition, offset });
    }
  }
  return positions;
}

/** Of partitions whose committed offsets mean nothing: the first that is there. */
export async function beginnings(
  offsets: Pick<LogAdmin, 'startOffsets'>,
  gained: readonly TopicPartition[],
): Promise<readonly TopicPartitionOffset[]> {
  const positions: TopicPartitionOffset[] = [];
  for (const [topic, partitions] of groupByTopic(gained)) {
    const starts = new Map((await offsets.startOffsets(topic)).map(({ partition, offset }) => [partition, offset]));
    for (const { partition } of partitions) positions.push({ topic, partition, offset: starts.get(partition) ?? 0 });
  }
  return positions;
}

const hasOffset = ({ offset }: CommittedOffset): boolean => offset !== undefined;
