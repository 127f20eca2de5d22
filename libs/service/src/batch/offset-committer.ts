import {
  RebalancedError,
  type Logger,
  type OffsetCommit,
  type RecordConsumer,
  type TopicPartition,
} from '@hookstream/kafka';

/**
 * Commits the newest finished offset of each partition: one request under way, and what finishes meanwhile goes together
 * with the next. A commit that fails stays pending until the next heartbeat, so that an idle partition is committed too;
 * handled records are never handed again for it.
 */
export class OffsetCommitter {
  readonly #pending = new Map<string, OffsetCommit>();
  #running: Promise<void> | undefined;

  constructor(
    private readonly consumer: Pick<RecordConsumer, 'commit'>,
    private readonly logger: Logger,
  ) {}

  /** Everything below `offset` is done. */
  done(commit: OffsetCommit): void {
    const key = keyOf(commit);
    const known = this.#pending.get(key);
    if (!known || known.offset < commit.offset) this.#pending.set(key, commit);
    this.retry();
  }

  /** Commits what is pending, if nothing is under way. */
  retry(): void {
    if (this.#pending.size > 0) this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when everything known so far was tried. Never rejects. */
  async flush(): Promise<void> {
    await this.#running;
    this.retry();
    await this.#running;
  }

  /** The partitions belong to someone else. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#pending.delete(keyOf(partition));
  }

  async #run(): Promise<void> {
    while (this.#pending.size > 0) {
      const commits = [...this.#pending.values()];
      this.#pending.clear();
      try {
        await this.consumer.commit(commits);
      } catch (error) {
        this.#keep(commits);
        // The new owner commits a lost partition (`forget` drops it); a kept one is tried again after the rebalance.
        if (!(error instanceof RebalancedError)) this.logger.warn('offsets not committed yet', { error });
        return;
      }
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
