import { type CommittedOffset, keyOf, type OffsetCommit, type TopicPartition } from '@hookstream/kafka';
import { type ScheduledEvent } from '../clock/event-heap.js';
import { type Scheduler } from '../clock/scheduler.js';
import { type Trace } from '../clock/trace.js';
import { BrokerError, type BrokerErrorCode } from './broker-error.js';
import { type GroupMemberState, type JoinAnswer, type JoinRequest } from './group-member.js';
import { GroupOffsets } from './group-offsets.js';

export interface ObservedCommit extends OffsetCommit {
  readonly group: string;
  /** Undefined for one from outside the group. */
  readonly client: string | undefined;
  /** To whom the last plan has given the partition. */
  readonly owner: string | undefined;
}

export interface ObservedPlan {
  readonly group: string;
  readonly generation: number;
  readonly plan: ReadonlyMap<string, readonly TopicPartition[]>;
}

export interface GroupObserver {
  readonly committed?: (commit: ObservedCommit) => void;
  readonly assigned?: (plan: ObservedPlan) => void;
}

type GroupState = 'empty' | 'joining' | 'syncing' | 'stable';

/**
 * Kafka's classic group protocol as its brokers see it: members join, the leader plans, a generation holds until somebody
 * comes, goes or falls silent. (GroupCoordinator.scala of Kafka 3; static members and protocol choice left out.)
 */
export class GroupCoordinator {
  readonly offsets = new GroupOffsets();
  readonly #members = new Map<string, GroupMemberState>();
  /** Clients, by the last plan; also of those that have fallen silent since. */
  readonly #owners = new Map<string, string>();
  #state: GroupState = 'empty';
  #generation = 0;
  #leader: string | undefined;
  #memberIds = 0;
  #deadline: ScheduledEvent | undefined;
  #away = false;

  constructor(
    readonly id: string,
    private readonly scheduler: Scheduler,
    private readonly trace: Trace,
    private readonly observer: GroupObserver,
  ) {}

  get state(): GroupState {
    return this.#state;
  }

  /** An id to join with; joining without one would leave a ghost in the group where the answer is lost. */
  newMemberId(client: string): string {
    this.#mustBeHere();
    this.#memberIds += 1;
    return `${client}#${this.#memberIds}`;
  }

  join(request: JoinRequest): Promise<JoinAnswer> {
    this.#mustBeHere();
    const { memberId: id } = request;
    const known = this.#members.get(id);
    // A member whose answer was lost gets it again.
    if (known !== undefined && this.#state === 'syncing') {
      this.#keepAlive(known);
      return Promise.resolve(this.#joinAnswer(known));
    }
    return new Promise((resolve, reject) => {
      const member = known ?? {
        id,
        request,
        joining: undefined,
        syncing: undefined,
        assignment: [],
        expiry: undefined,
      };
      member.joining?.reject(new BrokerError('REBALANCE_IN_PROGRESS'));
      member.request = request;
      member.joining = { resolve, reject };
      this.#cancelExpiry(member);
      this.#members.set(id, member);
      if (this.#state === 'joining') this.#completeIfAllJoined();
      else this.rebalance(`${id} joins`);
    });
  }

  /** With a plan from the leader, with none from the others. */
  sync(
    memberId: string,
    generation: number,
    plan: ReadonlyMap<string, readonly TopicPartition[]> | undefined,
  ): Promise<readonly TopicPartition[]> {
    const member = this.#memberOf(memberId, generation);
    if (this.#state === 'joining') throw new BrokerError('REBALANCE_IN_PROGRESS');
    if (this.#state === 'stable') return Promise.resolve(member.assignment);
    return new Promise((resolve, reject) => {
      member.syncing = { resolve, reject };
      if (plan !== undefined) this.#apply(plan);
    });
  }

  /** @throws `UNKNOWN_MEMBER_ID`, `ILLEGAL_GENERATION`, `REBALANCE_IN_PROGRESS` */
  heartbeat(memberId: string, generation: number): void {
    this.#keepAlive(this.#memberOf(memberId, generation));
    if (this.#state === 'joining') throw new BrokerError('REBALANCE_IN_PROGRESS');
  }

  leave(memberId: string): void {
    this.#mustBeHere();
    const member = this.#members.get(memberId);
    if (member !== undefined) this.#remove(member, 'leaves');
  }

  /** Takes a member's word for any partition, as Kafka does. */
  commit(memberId: string, generation: number, commits: readonly OffsetCommit[]): void {
    const member = this.#memberOf(memberId, generation);
    if (this.#state === 'syncing') throw new BrokerError('REBALANCE_IN_PROGRESS');
    this.#keepAlive(member);
    this.#store(commits, memberId, member.request.client);
  }

  /** From outside. @throws `NON_EMPTY_GROUP` */
  setOffsets(commits: readonly OffsetCommit[]): void {
    this.#mustBeHere();
    if (this.#members.size > 0) throw new BrokerError('NON_EMPTY_GROUP');
    this.#store(commits, undefined, undefined);
  }

  committed(partitions: readonly TopicPartition[]): readonly CommittedOffset[] {
    this.#mustBeHere();
    return partitions.map(({ topic, partition }) => this.offsets.of(topic, partition));
  }

  /** Everybody is to join again: what happens by itself when members come and go. */
  rebalance(why: string): void {
    if (this.#members.size === 0) return;
    this.trace.add(`group ${this.id} rebalances: ${why}`);
    this.#state = 'joining';
    for (const member of this.#members.values()) {
      member.syncing?.reject(new BrokerError('REBALANCE_IN_PROGRESS'));
      member.syncing = undefined;
    }
    if (this.#deadline !== undefined) this.#deadline.cancelled = true;
    const longestMs = Math.max(...[...this.#members.values()].map(({ request }) => request.rebalanceTimeoutMs));
    this.#deadline = this.scheduler.after(longestMs, () => {
      this.#complete();
    });
    this.#completeIfAllJoined();
  }

  /** The coordinator is with no broker: requests fail until `comeBack`. Members are kept. */
  goAway(): void {
    this.#away = true;
    for (const member of this.#members.values()) {
      this.#cancelExpiry(member);
      member.joining?.reject(new BrokerError('NOT_COORDINATOR'));
      member.syncing?.reject(new BrokerError('NOT_COORDINATOR'));
      member.joining = undefined;
      member.syncing = undefined;
    }
  }

  comeBack(): void {
    this.#away = false;
    for (const member of this.#members.values()) this.#keepAlive(member);
  }

  #mustBeHere(): void {
    if (this.#away) throw new BrokerError('NOT_COORDINATOR');
  }

  #memberOf(memberId: string, generation: number): GroupMemberState {
    this.#mustBeHere();
    const member = this.#members.get(memberId);
    if (member === undefined) throw new BrokerError('UNKNOWN_MEMBER_ID' satisfies BrokerErrorCode);
    if (generation !== this.#generation) throw new BrokerError('ILLEGAL_GENERATION');
    return member;
  }

  #store(commits: readonly OffsetCommit[], memberId: string | undefined, client: string | undefined): void {
    this.offsets.store(commits);
    for (const commit of commits) {
      const { topic, partition, offset } = commit;
      this.trace.add(`commit ${this.id} ${topic}/${partition} @${offset} by ${memberId ?? 'admin'}`);
      this.observer.committed?.({ ...commit, group: this.id, client, owner: this.#owners.get(keyOf(commit)) });
    }
  }

  #completeIfAllJoined(): void {
    for (const { joining } of this.#members.values()) if (joining === undefined) return;
    this.#complete();
  }

  #complete(): void {
    if (this.#deadline !== undefined) this.#deadline.cancelled = true;
    if (this.#away) {
      // Nobody can have joined meanwhile: it counts from its return.
      this.#deadline = this.scheduler.after(1_000, () => {
        this.#complete();
      });
      return;
    }
    for (const member of [...this.#members.values()]) {
      if (member.joining === undefined) this.#forget(member);
    }
    this.#generation += 1;
    const [first] = this.#members.keys();
    if (this.#leader === undefined || !this.#members.has(this.#leader)) this.#leader = first;
    this.#state = first === undefined ? 'empty' : 'syncing';
    this.trace.add(`group ${this.id} generation ${this.#generation}: ${[...this.#members.keys()].join(' ')}`);
    for (const member of this.#members.values()) {
      const answer = this.#joinAnswer(member);
      member.joining?.resolve(answer);
      member.joining = undefined;
      this.#keepAlive(member);
    }
  }

  #joinAnswer({ id: memberId }: GroupMemberState): JoinAnswer {
    const members = [...this.#members.values()].map(({ id, request }) => ({ ...request, memberId: id }));
    return { memberId, generation: this.#generation, members: memberId === this.#leader ? members : undefined };
  }

  #apply(plan: ReadonlyMap<string, readonly TopicPartition[]>): void {
    this.#state = 'stable';
    for (const member of this.#members.values()) {
      member.assignment = plan.get(member.id) ?? [];
      for (const partition of member.assignment) this.#owners.set(keyOf(partition), member.request.client);
      member.syncing?.resolve(member.assignment);
      member.syncing = undefined;
    }
    const generation = this.#generation;
    this.trace.add(`group ${this.id} stable in ${generation}`);
    this.observer.assigned?.({ group: this.id, generation, plan });
  }

  #keepAlive(member: GroupMemberState): void {
    this.#cancelExpiry(member);
    member.expiry = this.scheduler.after(member.request.sessionTimeoutMs, () => {
      // Who waits for an answer cannot send heartbeats.
      if (member.joining !== undefined || member.syncing !== undefined) this.#keepAlive(member);
      else this.#remove(member, 'has fallen silent');
    });
  }

  #cancelExpiry({ expiry }: GroupMemberState): void {
    if (expiry !== undefined) expiry.cancelled = true;
  }

  #remove(member: GroupMemberState, why: string): void {
    this.#forget(member);
    if (this.#members.size === 0) {
      if (this.#deadline !== undefined) this.#deadline.cancelled = true;
      this.#generation += 1;
      this.#state = 'empty';
      this.trace.add(`group ${this.id} is empty: ${member.id} ${why}`);
    } else if (this.#state === 'joining') this.#completeIfAllJoined();
    else this.rebalance(`${member.id} ${why}`);
  }

  #forget(member: GroupMemberState): void {
    this.#cancelExpiry(member);
    member.joining?.reject(new BrokerError('UNKNOWN_MEMBER_ID'));
    member.syncing?.reject(new BrokerError('UNKNOWN_MEMBER_ID'));
    this.#members.delete(member.id);
  }
}
