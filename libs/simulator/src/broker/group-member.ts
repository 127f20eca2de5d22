import { type TopicPartition } from '@hookstream/kafka';
import { type ScheduledEvent } from '../clock/event-heap.js';

export interface JoinRequest {
  readonly memberId: string;
  /** Whose member it is, for traces. */
  readonly client: string;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  readonly assignedAtMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface JoinAnswer {
  readonly memberId: string;
  readonly generation: number;
  /** To be planned for; of the leader only. */
  readonly members: readonly JoinRequest[] | undefined;
}

/** An answer that is held until the group has got so far. */
interface HeldAnswer<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: Error) => void;
}

/** What the coordinator keeps of a member. */
export interface GroupMemberState {
  readonly id: string;
  request: JoinRequest;
  joining: HeldAnswer<JoinAnswer> | undefined;
  syncing: HeldAnswer<readonly TopicPartition[]> | undefined;
  assignment: readonly TopicPartition[];
  expiry: ScheduledEvent | undefined;
}
