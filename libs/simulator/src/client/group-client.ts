import {
  type CommittedOffset,
  type ConsumerOptions,
  type OffsetCommit,
  planGroup,
  RebalancedError,
  type TopicPartition,
} from '@hookstream/kafka';
import { type GroupCoordinator } from '../broker/group-coordinator.js';
import { type JoinAnswer } from '../broker/group-member.js';
import { type Connection } from '../network/connection.js';
import { type ClientContext } from './client-context.js';

export interface Owned {
  readonly partitions: readonly TopicPartition[];
  /** Milliseconds since the epoch. */
  readonly assignedAtMs: number;
}

export interface Joined {
  readonly memberId: string;
  readonly assigned: readonly TopicPartition[];
}

/** What one member says to its group's coordinator. Every call is one try, and rejects with a `BrokerError`. */
export class GroupClient {
  readonly #connection: Connection;
  /** Kept when an answer is lost: a second id would leave a ghost in the group. */
  #memberId: string | undefined;
  #generation = -1;

  constructor(
    private readonly context: ClientContext,
    private readonly options: ConsumerOptions,
    private readonly topics: readonly string[],
  ) {
    this.#connection = context.network.connect(context.replica);
  }

  /** Joins, and plans for all where this member is asked to. */
  async join(owned: Owned): Promise<Joined> {
    const { sessionTimeoutMs = 6_000, rebalanceTimeoutMs = 10_000 } = this.options;
    const client = this.context.replica.name;
    const memberId = (this.#memberId ??= await this.#request((group) => group.newMemberId(client)));
    const request = {
      memberId,
      client,
      topics: this.topics,
      owned: owned.partitions,
      assignedAtMs: owned.assignedAtMs,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
    };
    const { generation, members } = await this.#request((group) => group.join(request));
    const plan = members && this.#plan(members);
    const assigned = await this.#request((group) => group.sync(memberId, generation, plan));
    this.#generation = generation;
    return { memberId, assigned };
  }

  /** The group does not know this member any more: the next join is a new one's. */
  forgetMember(): void {
    this.#memberId = undefined;
  }

  async heartbeat(): Promise<void> {
    const { memberId, generation } = this.#membership();
    await this.#request((group) => {
      group.heartbeat(memberId, generation);
    });
  }

  async commit(commits: readonly OffsetCommit[]): Promise<void> {
    const { memberId, generation } = this.#membership();
    await this.#request((group) => {
      group.commit(memberId, generation, commits);
    });
  }

  async leave(): Promise<void> {
    const { memberId } = this.#membership();
    await this.#request((group) => {
      group.leave(memberId);
    });
  }

  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    return this.#request((group) => group.committed(partitions));
  }

  #membership(): { readonly memberId: string; readonly generation: number } {
    if (this.#memberId === undefined) throw new RebalancedError('Not a member of the group');
    return { memberId: this.#memberId, generation: this.#generation };
  }

  #plan(members: NonNullable<JoinAnswer['members']>): ReadonlyMap<string, readonly TopicPartition[]> {
    const counts = new Map<string, number>();
    for (const topic of members.flatMap(({ topics }) => topics)) {
      const count = this.context.cluster.topic(topic)?.partitions.length;
      if (count !== undefined) counts.set(topic, count);
    }
    const group = members.map(({ memberId: id, topics, owned, assignedAtMs }) => ({ id, topics, owned, assignedAtMs }));
    return planGroup(group, counts, { coPartitioned: this.options.assigner === 'co-partitioned-sticky' });
  }

  #request<T>(serve: (group: GroupCoordinator) => T | Promise<T>): Promise<T> {
    return this.#connection.request(() => serve(this.context.cluster.group(this.options.groupId)));
  }
}
