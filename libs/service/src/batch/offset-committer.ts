import {
  RebalancedError,
  type Logger,
  type OffsetCommit,
  type RecordConsumer,
  type TopicPartition,
} from '@hookstream/kafka';

/** A commit is a write of the coordinator, dear beside a small batch; what it spares is reading that much again after a kill. */
const COMMIT_EVERY_MS = 200;

/**
 * Commits the newest finished offset of each partition: one request under way, a while between two of them, and what
 * finishes meanwhile goes together with the next. A commit that fails stays pending until the next heartbeat, so that an idle
 * partition is committed too; handled records are never handed again for it.
 */
export class OffsetCommitter {
  readonly #pending = new Map<string, OffsetCommit>();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastStartedAtMs = -Infinity;

  constructor(
    private readonly consumer: Pick<RecordConsumer, 'commit'>,
    private readonly logger: Logger,
    private readonly everyMs = COMMIT_EVERY_MS,
  ) {}

  /** Everything below `offset` is done. */
  done(commit: OffsetCommit): void {
    const key = keyOf(commit);
    const known = this.#pending.get(key);
    if (!known || known.offset < commit.offset) this.#pending.set(key, commit);
    this.retry();
  }

  /** Commits what is pending, as soon as nothing is under way and the last time is long enough ago. */
  retry(): void {
    if (this.#pending.size === 0 || this.#running || this.#timer) return;
    const restMs = this.#lastStartedAtMs + this.everyMs - performance.now();
    if (restMs <= 0) return this.#start();
    this.#timer = setTimeout(() => this.#start(), restMs);
  }

  /** Resolves when everything known so far was tried. Never rejects. */
  async flush(): Promise<void> {
    await this.#running;
    this.#start();
    await this.#running;
  }

  /** The partitions belong to someone else. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#pending.delete(keyOf(partition));
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running || this.#pending.size === 0) return;
    this.#lastStartedAtMs = performance.now();
    this.#running = this.#run().then((succeeded) => {
      this.#running = undefined;
      if (succeeded) this.retry();
    });
  }

  async #run(): Promise<boolean> {
    const commits = [...this.#pending.values()];
    this.#pending.clear();
    try {
      await this.consumer.commit(commits);
      return true;
    } catch (error) {
      this.#keep(commits);
      // The new owner commits a lost partition (`forget` drops it); a kept one is tried again after the rebalance.
      if (!(error instanceof RebalancedError)) this.logger.warn('offsets not committed yet', { error });
      return false;
    }
  }

  #keep(commits: readonly OffsetCommit[]): void {
    for (const commit of commits) {
      const key = keyOf(commit);
      if (!this.#pending.has(key)) this.#pending.set(key, commit);
    }
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`;
}
