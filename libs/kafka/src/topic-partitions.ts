import { type TopicPartition } from './ports.js';

/** Unique per partition: a topic's name cannot hold a space. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}

export function groupByTopic<T extends TopicPartition>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.topic);
    if (group === undefined) groups.set(item.topic, [item]);
    else group.push(item);
  }
  return groups;
}
