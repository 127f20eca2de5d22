import type { ConsumedRecord } from '@hookstream/contracts';
import type { OrderedTopics } from '../fifo/ordered-intake.js';
import type { TopicPartition } from '../tracker/tracker-table.js';

/** The topics of ordered subscriptions, read beside the group. */
export interface OrderedLog {
  readonly topics: OrderedTopics;
  /** Where the partitions of a topic end now; 0 for one that holds nothing. */
  ends(topic: string): Promise<ReadonlyMap<number, number>>;
  /** Reads a stretch once more; rejects where that was not possible. */
  read(
    range: TopicPartition & { readonly fromOffset: number; readonly toOffset: number },
    onRecords: (records: readonly ConsumedRecord[]) => void,
  ): Promise<unknown>;
  /** A delivery is no longer in `fifo.hold`. */
  vanished(queue: string, position: number): void;
}
