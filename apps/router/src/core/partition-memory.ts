import { EventIdWindow } from './event-id-window.js';

/** Repeats of an event are known as such within so many events of a partition. */
const HANDLED_EVENTS = 100_000;
/** So many records in a row that we fail at are our fault, not theirs. */
const MAX_DEFECTS_IN_A_ROW = 100;

/** What is remembered of one partition while this process owns it. */
export class PartitionMemory {
  /** Only events whose every effect is acknowledged: what must be done again is never taken for a repeat. */
  readonly handled = new EventIdWindow(HANDLED_EVENTS);
  private defectsInARow = 0;

  /** @throws Error when so many came in a row that going on would flush the topic into the dead letters */
  countDefect(): void {
    this.defectsInARow += 1;
    if (this.defectsInARow <= MAX_DEFECTS_IN_A_ROW) return;
    throw new Error(`more than ${MAX_DEFECTS_IN_A_ROW} records in a row cannot be handled: stopped before the next`);
  }

  countHandled(): void {
    this.defectsInARow = 0;
  }
}

export interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** One memory for each partition owned. */
export class PartitionMemories {
  private readonly byPartition = new Map<string, PartitionMemory>();

  of({ topic, partition }: Partition): PartitionMemory {
    const key = `${topic}/${partition}`;
    const memory = this.byPartition.get(key) ?? new PartitionMemory();
    this.byPartition.set(key, memory);
    return memory;
  }

  /** The partitions are someone else's now: what was handled there since is not known here. */
  forget(partitions: readonly Partition[]): void {
    for (const { topic, partition } of partitions) this.byPartition.delete(`${topic}/${partition}`);
  }
}
