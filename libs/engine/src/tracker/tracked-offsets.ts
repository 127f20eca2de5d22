import type { OwnedPartition, TopicPartition, TrackerTable } from './tracker-table.js';

/** The group's stored offsets, as a consumer offers them. */
export interface GroupOffsets {
  committed(topics: readonly string[]): Promise<readonly StoredOffset[]>;
  commit(offsets: readonly (TopicPartition & { readonly offset: number; readonly metadata: string })[]): Promise<void>;
}

/** `offset` is undefined where nothing was ever committed. */
export interface StoredOffset extends TopicPartition {
  readonly offset: number | undefined;
  readonly metadata: string;
}

/** Begins trackers where the group stands, and stores how far they have come: one request at a time. */
export class TrackedOffsets {
  private running: Promise<void> | undefined;

  /** @param onRefused told of a commit that did not succeed; the trackers remember, so the next one covers it */
  constructor(
    private readonly trackers: TrackerTable,
    private readonly group: GroupOffsets,
    private readonly onRefused: (error: unknown) => void,
  ) {}

  async assign(gained: readonly TopicPartition[]): Promise<readonly OwnedPartition[]> {
    const stored = await this.group.committed([...new Set(gained.map(({ topic }) => topic))]);
    return gained.map((at) => {
      const known = stored.find(({ topic, partition }) => topic === at.topic && partition === at.partition);
      const point = known?.offset === undefined ? undefined : { offset: known.offset, metadata: known.metadata };
      return this.trackers.assign(at, point);
    });
  }

  /** Commits what has changed, unless a commit is under way: the next call covers that. Never rejects. */
  tick(): void {
    this.running ??= this.commitDue().finally(() => {
      this.running = undefined;
    });
  }

  /** Resolves when everything finished so far was committed, or refused. Never rejects. */
  async flush(): Promise<void> {
    await this.running;
    this.tick();
    await this.running;
  }

  private async commitDue(): Promise<void> {
    const due = this.trackers.dueCommits();
    if (due.length === 0) return;
    try {
      await this.group.commit(
        due.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata })),
      );
      for (const commit of due) commit.acknowledge();
    } catch (error) {
      this.onRefused(error);
    }
  }
}
