import { type TopicPartition } from '../ports.js';
import { keyOf } from '../topic-partitions.js';
import { PartitionIntake } from './partition-intake.js';

export interface MembershipChange {
  readonly lost: readonly PartitionIntake[];
  readonly gained: readonly PartitionIntake[];
  readonly kept: readonly PartitionIntake[];
}

/** The partitions a member owns, from join to join. */
export class Membership {
  #memberId: string | undefined;
  #intakes = new Map<string, PartitionIntake>();

  intakes(): readonly PartitionIntake[] {
    return [...this.#intakes.values()];
  }

  find(partition: TopicPartition): PartitionIntake | undefined {
    return this.#intakes.get(keyOf(partition));
  }

  /** The very ownership, not a later one of the same partition. */
  holds(intake: PartitionIntake): boolean {
    return this.find(intake) === intake;
  }

  /**
   * What a join has changed. With a new member id nothing is kept: the group had dropped this member, and others may
   * have owned, and committed, its partitions in between.
   */
  join(memberId: string, assigned: readonly TopicPartition[]): MembershipChange {
    const former = this.#memberId === memberId ? this.#intakes : new Map<string, PartitionIntake>();
    const before = this.intakes();
    const kept: PartitionIntake[] = [];
    const gained: PartitionIntake[] = [];
    this.#memberId = memberId;
    this.#intakes = new Map(
      assigned.map((partition) => {
        const own = former.get(keyOf(partition));
        const intake = own ?? new PartitionIntake(partition.topic, partition.partition);
        (own === undefined ? gained : kept).push(intake);
        return [keyOf(partition), intake];
      }),
    );
    return { lost: before.filter((intake) => !this.holds(intake)), gained, kept };
  }

  leave(): readonly PartitionIntake[] {
    const lost = this.intakes();
    this.#intakes = new Map();
    return lost;
  }
}
