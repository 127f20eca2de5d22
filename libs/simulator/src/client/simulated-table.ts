import { ClosedError, type TableOptions, type TableReader } from '@hookstream/kafka';
import { type ClientContext } from './client-context.js';
import { type Followed, PartitionFollower } from './partition-follower.js';

/** A compacted topic read whole and followed, as the real reader does. */
export class SimulatedTable implements TableReader {
  readonly ready: Promise<void>;
  readonly #follower: PartitionFollower;
  /** Ends seen at the start, of partitions not read so far. Undefined before they are known. */
  #open: Map<number, number> | undefined;
  #fetchedAtMs: number | undefined;
  #isBroken = false;
  #resolveReady: () => void = () => undefined;
  #rejectReady: (error: Error) => void = () => undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    context: ClientContext,
    private readonly options: TableOptions,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Nobody has to wait for it: `isReady` may be all they ask.
    this.ready.catch(() => undefined);
    this.#follower = new PartitionFollower(context, {
      topic: options.topic,
      maxWaitMs: options.maxWaitMs ?? 250,
      begin: (bounds) => {
        this.#open = new Map(bounds.map(({ partition, end }) => [partition, end]));
        for (const { partition, start } of bounds) this.#readTo(partition, start);
        return new Map(bounds.map(({ partition, start }) => [partition, start]));
      },
      onRecords: (followed) => this.#take(followed),
      onAnswered: (sentAtMs) => {
        this.#fetchedAtMs = sentAtMs;
      },
      isDone: () => false,
    });
  }

  start(): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError('The table reader is closed'));
    this.#running ??= this.#follower.run();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectReady(new ClosedError(`The reader of ${this.options.topic} was closed before it was ready`));
    this.#follower.stop();
    await this.#running;
  }

  isReady(): boolean {
    return this.#open?.size === 0 && !this.#isBroken && !this.#closed;
  }

  lastFetchCompletedAt(): number | undefined {
    return this.#fetchedAtMs;
  }

  position(): ReadonlyMap<number, number> {
    return this.#follower.positions();
  }

  async #take({ partition, records, nextOffset }: Followed): Promise<void> {
    for (const record of records) {
      if (record.key === null) continue;
      this.#isBroken = true;
      await this.options.onRecord(record.key.toString(), record);
      this.#isBroken = false;
    }
    this.#readTo(partition, nextOffset);
  }

  #readTo(partition: number, nextOffset: number): void {
    const end = this.#open?.get(partition);
    if (end === undefined || nextOffset < end) return;
    this.#open?.delete(partition);
    if (this.#open?.size !== 0) return;
    this.#resolveReady();
    this.options.onReady?.();
  }
}
