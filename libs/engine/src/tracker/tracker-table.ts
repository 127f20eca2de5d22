import { HandledKeys } from './handled-keys.js';
import { type CommitPoint, PartitionTracker } from './partition-tracker.js';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** One partition for as long as this process owns it. Gained again after a loss, it is another one. */
export interface OwnedPartition extends TopicPartition {
  readonly tracker: PartitionTracker;
  readonly handled: HandledKeys;
  /** Somebody else does its records now: what is still running here commits nothing and writes no follow-up. */
  readonly lost: boolean;
}

/** A commit that is due, to be acknowledged when Kafka has it. */
export interface DueCommit extends TopicPartition, CommitPoint {
  acknowledge(): void;
}

export interface TrackerLimits {
  readonly window?: number;
  /** For topics that need another window. */
  readonly windowOf?: (topic: string) => number | undefined;
  readonly handledKeys?: number;
}

class Owned implements OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  handled: HandledKeys;
  lost = false;
  committedChanges = 0;

  constructor(
    { topic, partition }: TopicPartition,
    readonly tracker: PartitionTracker,
    handledKeys: number | undefined,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.handled = new HandledKeys(handledKeys);
  }
}

/** The partitions a consumer owns. A kept partition is simply not mentioned by a rebalance: its tracker goes on. */
export class TrackerTable {
  private readonly owned = new Map<string, Owned>();

  constructor(private readonly limits: TrackerLimits = {}) {}

  get(at: TopicPartition): OwnedPartition | undefined {
    return this.owned.get(keyOf(at));
  }

  values(): Iterable<OwnedPartition> {
    return this.owned.values();
  }

  /** @param committed what the group has stored; without it the partition begins wherever its first record is */
  assign(at: TopicPartition, committed: CommitPoint | undefined): OwnedPartition {
    this.revoke(at);
    const window = this.limits.windowOf?.(at.topic) ?? this.limits.window;
    const tracker = new PartitionTracker(committed ?? { offset: 0, metadata: '' }, window);
    const owned = new Owned(at, tracker, this.limits.handledKeys);
    this.owned.set(keyOf(at), owned);
    return owned;
  }

  /** Deliveries go from one of these partitions to the other: a repeat is known in both. Before anything is handled. */
  shareHandled(from: TopicPartition, to: TopicPartition): void {
    const [first, second] = [this.owned.get(keyOf(from)), this.owned.get(keyOf(to))];
    if (first && second) second.handled = first.handled;
  }

  revoke(at: TopicPartition): OwnedPartition | undefined {
    const owned = this.owned.get(keyOf(at));
    if (!owned) return undefined;
    owned.lost = true;
    this.owned.delete(keyOf(at));
    return owned;
  }

  /** Everything whose commit point has changed since it was last acknowledged; finished records behind a slow one too. */
  dueCommits(): DueCommit[] {
    const due: DueCommit[] = [];
    for (const owned of this.owned.values()) {
      const { topic, partition, tracker } = owned;
      const changes = tracker.changes;
      if (changes === owned.committedChanges) continue;
      const acknowledge = () => {
        owned.committedChanges = changes;
      };
      due.push({ topic, partition, ...tracker.commitPoint(), acknowledge });
    }
    return due;
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
