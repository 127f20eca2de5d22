import { TrackerTable } from '@hookstream/engine';
import { RebalancedError, type OffsetCommit, type TopicPartition } from '@hookstream/kafka';
import type { BatchTransport, ServiceLogger } from '@hookstream/service';

/** A watermark that moved is committed within this. */
const COMMIT_INTERVAL_MS = 200;

type Consumer = Pick<BatchTransport, 'commit' | 'committed'>;

/** Keeps the group's offsets at the trackers' watermarks: reads them when partitions come, commits as records finish. */
export class TrackedOffsets {
  private timer: NodeJS.Timeout | undefined;
  private committing: Promise<void> = Promise.resolve();

  constructor(
    private readonly trackers: TrackerTable,
    private readonly consumer: () => Consumer,
    private readonly logger: ServiceLogger,
  ) {}

  async assign(gained: readonly TopicPartition[]): Promise<void> {
    const topics = [...new Set(gained.map(({ topic }) => topic))];
    const committed = await this.consumer().committed(topics);
    for (const at of gained) {
      const stored = committed.find(({ topic, partition }) => topic === at.topic && partition === at.partition);
      const known = stored?.offset === undefined ? undefined : { offset: stored.offset, metadata: stored.metadata };
      this.trackers.assign(at, known);
    }
  }

  start(): void {
    this.timer ??= setInterval(() => void this.commit(), COMMIT_INTERVAL_MS);
  }

  /** The last commit: everything finished so far. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.commit();
  }

  /** Commits what moved, one call after another. A refused commit is only a later one: the trackers remember. */
  commit(): Promise<void> {
    this.committing = this.committing.then(() => this.commitDue());
    return this.committing;
  }

  private async commitDue(): Promise<void> {
    const due = this.trackers.dueCommits();
    if (due.length === 0) return;
    const offsets = due.map(({ topic, partition, offset, metadata }): OffsetCommit => ({
      topic,
      partition,
      offset,
      metadata,
    }));
    try {
      await this.consumer().commit(offsets);
      for (const commit of due) commit.acknowledge();
    } catch (error) {
      if (!(error instanceof RebalancedError)) this.logger.warn('offsets were not committed; trying again', { error });
    }
  }
}
