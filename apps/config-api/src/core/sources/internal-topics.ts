import type { Topics } from '@hookstream/contracts';

/** Why a topic is ours or Kafka's own, in words for who named it; undefined where it is not. */
export function internalTopicProblem(topics: Topics, topic: string): string | undefined {
  if (topic.startsWith('__')) return "is one of Kafka's own topics";
  return internalNames(topics).has(topic) ? 'is an internal topic of Hookstream' : undefined;
}

function internalNames(topics: Topics): ReadonlySet<string> {
  const { delayLevels, ...named } = topics;
  return new Set([...Object.values(named), ...delayLevels.map(({ topic }) => topic)]);
}
