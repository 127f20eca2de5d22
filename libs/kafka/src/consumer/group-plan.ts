import { type TopicPartition } from '../ports.js';
import { assignSticky, type Unit } from './sticky-assignment.js';

export interface GroupMember {
  readonly id: string;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** When `owned` was assigned. Milliseconds since the epoch. */
  readonly assignedAtMs: number;
}

export interface PlanOptions {
  /** Partition p of all topics that have the same number of partitions goes to one member. */
  readonly coPartitioned: boolean;
}

/** Unit of one partition, or of one partition number in a cohort of topics with as many partitions. */
const unitKey = (cohort: string, partition: number) => `${cohort}/${partition}`;

interface Cohort {
  readonly name: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly eligible: readonly string[];
}

/** Which member reads which partitions. Topics without partitions or subscribers are left out. */
export function planGroup(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
  { coPartitioned }: PlanOptions,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const cohorts = cohortsOf(members, partitionCounts, coPartitioned);
  const cohortOfTopic = new Map(
    cohorts.flatMap((cohort) => cohort.topics.map((topic) => [topic, cohort.name] as const)),
  );
  const units: Unit[] = cohorts.flatMap(({ name, partitions, eligible }) =>
    Array.from({ length: partitions }, (_, partition) => ({ key: unitKey(name, partition), eligible })),
  );
  const claims = members.map(({ id, owned, assignedAtMs }) => ({
    member: id,
    assignedAtMs,
    keys: owned.map(({ topic, partition }) => unitKey(cohortOfTopic.get(topic) ?? topic, partition)),
  }));
  const partitionsOf = new Map(
    cohorts.flatMap(({ name, topics, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => [
        unitKey(name, partition),
        topics.map((topic) => ({ topic, partition })),
      ]),
    ),
  );
  const assigned = assignSticky(units, claims);
  return new Map(members.map(({ id }) => [id, (assigned.get(id) ?? []).flatMap((key) => partitionsOf.get(key) ?? [])]));
}

function cohortsOf(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
  coPartitioned: boolean,
): readonly Cohort[] {
  const topics = [...partitionCounts.keys()].sort();
  const alone = (topic: string): Cohort => ({
    name: topic,
    topics: [topic],
    partitions: partitionCounts.get(topic) ?? 0,
    eligible: subscribersOfAll(members, [topic]),
  });
  if (!coPartitioned) return topics.map(alone);

  const counts = [...new Set(partitionCounts.values())].sort((a, b) => a - b);
  return counts.flatMap((partitions) => {
    const together = topics.filter((topic) => partitionCounts.get(topic) === partitions);
    const eligible = subscribersOfAll(members, together);
    // Nobody reads all of them (a deployment is changing the list): better read apart than not at all.
    return eligible.length === 0
      ? together.map(alone)
      : [{ name: `#${partitions}`, topics: together, partitions, eligible }];
  });
}

function subscribersOfAll(members: readonly GroupMember[], topics: readonly string[]): readonly string[] {
  return members.filter((member) => topics.every((topic) => member.topics.includes(topic))).map(({ id }) => id);
}
