import { type ConsumedRecord } from '@hookstream/contracts';
import { type KafkaClients } from '../client/kafka-clients.js';
import { ClosedError } from '../errors.js';
import { type Logger, type TableOptions, type TableReader } from '../ports.js';
import { type Fetched, type LogFetcher } from './log-fetcher.js';
import { TopicFollower } from './topic-follower.js';

/** The table is complete up to the offsets that were its ends when the reading began; gaps count as read. */
export class CompactedTableReader implements TableReader {
  readonly ready: Promise<void>;
  readonly #follower: TopicFollower;
  /** Ends seen at the start, of partitions not yet read so far. Undefined before they are known. */
  #open: Map<number, number> | undefined;
  readonly #fetchedAt = new Map<number, number>();
  #partitions = 0;
  #broken = false;
  #resolveReady: () => void = () => undefined;
  #rejectReady: (error: Error) => void = () => undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    clients: KafkaClients,
    readonly logger: Logger,
    readonly options: TableOptions,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Nobody has to wait for it: `isReady` may be all they ask.
    this.ready.catch(() => undefined);
    this.#follower = new TopicFollower(clients, logger, {
      topic: options.topic,
      maxWaitMs: options.maxWaitMs ?? 250,
      begin: (fetcher) => this.#begin(fetcher),
      onFetched: (fetched) => this.#take(fetched),
      onRestart: (partitions) => options.onRestart?.(partitions),
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
    return this.#open?.size === 0 && !this.#broken && !this.#closed;
  }

  lastFetchCompletedAt(): number | undefined {
    if (this.#partitions === 0 || this.#fetchedAt.size < this.#partitions) return undefined;
    return Math.min(...this.#fetchedAt.values());
  }

  position(): ReadonlyMap<number, number> {
    return this.#follower.positions();
  }

  async #begin(fetcher: LogFetcher): Promise<ReadonlyMap<number, number>> {
    const { topic } = this.options;
    const [starts, ends] = await Promise.all([fetcher.offsets(topic, 'start'), fetcher.offsets(topic, 'end')]);
    this.#partitions = starts.size;
    this.#open = new Map(ends);
    for (const [partition, offset] of starts) this.#close(partition, offset);
    return starts;
  }

  async #take({ partition, records, nextOffset, sentAtMs }: Fetched): Promise<void> {
    for (const record of records) {
      if (record.key === null) continue;
      try {
        await this.options.onRecord(record.key.toString(), ownBytes(record));
        this.#broken = false;
      } catch (error) {
        this.#broken = true;
        const { offset, topic } = record;
        this.logger.error('A record could not be taken into the table', { topic, partition, offset });
        throw error;
      }
    }
    this.#fetchedAt.set(partition, sentAtMs);
    this.#close(partition, nextOffset);
  }

  #close(partition: number, nextOffset: number): void {
    if (this.#open === undefined) return;
    const end = this.#open.get(partition);
    if (end === undefined || nextOffset < end) return;
    this.#open.delete(partition);
    if (this.#open.size > 0) return;
    this.#resolveReady();
    this.options.onReady?.();
  }
}

/** A record of a table is kept for long; as a slice it would keep the whole fetched response with it. */
function ownBytes(record: ConsumedRecord): ConsumedRecord {
  return { ...record, value: record.value === null ? null : Buffer.from(record.value) };
}
