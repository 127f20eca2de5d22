import kafkajs, { type Assignment, type Cluster, type PartitionAssigner } from 'kafkajs';
import { z } from 'zod';
import { type TopicPartition } from '../ports.js';
import { type GroupMember, planGroup, type PlanOptions } from './group-plan.js';

const { AssignerProtocol } = kafkajs;

/** What a member tells the leader of its past: `owned` by topic, and since when. */
const userDataSchema = z.object({ assignedAtMs: z.number(), owned: z.record(z.string(), z.array(z.number().int())) });

export interface Owned {
  readonly partitions: readonly TopicPartition[];
  readonly assignedAtMs: number;
}

/** The kafkajs side of `planGroup`: each member sends what it owned, the leader plans. */
export function stickyAssigner(options: PlanOptions, ownedNow: () => Owned): PartitionAssigner {
  const name = options.coPartitioned ? 'hookstream-co-partitioned-sticky' : 'hookstream-sticky';
  const version = 1;
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: encodeOwned(ownedNow()) }),
    }),
    assign: async ({ members, topics }) => {
      const group = members.map(({ memberId, memberMetadata }) => decodeMember(memberId, memberMetadata));
      const counts = await partitionCounts(cluster, topics, group);
      const plan = planGroup(group, counts, options);
      return [...plan].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version,
          assignment: byTopic(partitions),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

/** Members may subscribe to different topics while a change of the list spreads; the leader must plan for all. */
async function partitionCounts(
  cluster: Cluster,
  ownTopics: readonly string[],
  group: readonly GroupMember[],
): Promise<ReadonlyMap<string, number>> {
  const others = new Set(group.flatMap(({ topics }) => topics).filter((topic) => !ownTopics.includes(topic)));
  for (const topic of others) {
    // One that is missing or forbidden is left out; its member finds out by itself.
    await cluster.addTargetTopic(topic).catch(() => others.delete(topic));
  }
  return new Map([...ownTopics, ...others].map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]));
}

function byTopic(partitions: readonly TopicPartition[]): Assignment {
  const assignment: Assignment = {};
  for (const { topic, partition } of partitions) (assignment[topic] ??= []).push(partition);
  return assignment;
}

function encodeOwned({ partitions, assignedAtMs }: Owned): Buffer {
  return Buffer.from(JSON.stringify({ assignedAtMs, owned: byTopic(partitions) }));
}

function decodeMember(id: string, metadata: Buffer): GroupMember {
  const decoded = AssignerProtocol.MemberMetadata.decode(metadata);
  const topics = decoded?.topics ?? [];
  const userData = parseUserData(decoded?.userData);
  if (userData === undefined) return { id, topics, owned: [], assignedAtMs: 0 };
  const owned = Object.entries(userData.owned).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
  return { id, topics, owned, assignedAtMs: userData.assignedAtMs };
}

/** A member of another version may send something else: then it owned nothing, as far as we know. */
function parseUserData(bytes: Buffer | undefined): z.infer<typeof userDataSchema> | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    return userDataSchema.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}
