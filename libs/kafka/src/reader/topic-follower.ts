import { codeOf, messageOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { type Logger } from '../ports.js';
import { TopicWatch } from '../consumer/topic-watch.js';
import { Signal } from '../signal.js';
import { type Fetched, type FetchPosition, LogFetcher } from './log-fetcher.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
/** An outage is one line in some twenty seconds. */
const SAY_EVERY = 10;
const WATCH_EVERY_MS = 3_000;

export interface FollowerOptions {
  readonly topic: string;
  readonly maxWaitMs: number;
  /** Where to begin, asked once per connection that knows the topic, until it has answered. */
  readonly begin: (fetcher: LogFetcher) => Promise<ReadonlyMap<number, number>>;
  /** A throw stops nothing: the same stretch is fetched again after a back-off. */
  readonly onFetched: (fetched: Fetched) => Promise<void>;
  /**
   * What was read of these partitions is not in the log any more, or not all of it: the topic was made anew, or has lost
   * its end. They are read again from their first record. Where it is given, the topic is watched for that.
   */
  readonly onRestart?: ((partitions: readonly number[]) => void) | undefined;
  /** True ends the reading. */
  readonly isDone: () => boolean;
}

/** Reads partitions of one topic on and on, whatever happens to brokers and connections, until it is done or stopped. */
export class TopicFollower {
  readonly #wake = new Signal();
  readonly #watch = new TopicWatch();
  #positions: Map<number, FetchPosition> | undefined;
  #stopped = false;

  constructor(
    readonly clients: KafkaClients,
    readonly logger: Logger,
    readonly options: FollowerOptions,
  ) {}

  positions(): ReadonlyMap<number, number> {
    return new Map([...(this.#positions ?? [])].map(([partition, { offset }]) => [partition, offset]));
  }

  stop(): void {
    this.#stopped = true;
    this.#wake.notify();
  }

  /** Resolves when it is done or stopped. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#isOver(); failures++) {
      const fetcher = new LogFetcher(this.clients, this.options.maxWaitMs);
      try {
        await fetcher.connect(this.options.topic);
        await this.#follow(fetcher, () => (failures = 0));
      } catch (error) {
        const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS);
        const { topic } = this.options;
        const level = failures % SAY_EVERY === 0 ? 'warn' : 'debug';
        this.logger[level]('Reading a topic was interrupted, going on', { topic, backoffMs, error: messageOf(error) });
        if (!this.#isOver()) await this.#wake.wait(backoffMs);
      } finally {
        await fetcher.disconnect().catch(() => undefined);
      }
    }
  }

  #isOver(): boolean {
    return this.#stopped || this.options.isDone();
  }

  async #follow(fetcher: LogFetcher, onProgress: () => void): Promise<void> {
    const { topic, begin } = this.options;
    await this.#restartIfAnew(fetcher);
    this.#positions ??= startingAt(await begin(fetcher));
    const positions = this.#positions;
    for (let watchedAtMs = performance.now(); !this.#isOver();) {
      if (performance.now() - watchedAtMs > WATCH_EVERY_MS) {
        await this.#restartIfAnew(fetcher);
        watchedAtMs = performance.now();
      }
      try {
        await fetcher.fetch(topic, [...positions.values()], (answers) => this.#take(answers, positions));
        onProgress();
      } catch (error) {
        if (codeOf(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
        await this.#returnToLog(fetcher, positions);
      }
    }
  }

  async #take(answers: readonly Fetched[], positions: Map<number, FetchPosition>): Promise<void> {
    for (const fetched of answers) {
      if (this.#stopped) return;
      await this.options.onFetched(fetched);
      const { partition, nextOffset, atGap } = fetched;
      positions.set(partition, { partition, offset: nextOffset, atGap });
    }
  }

  /** A topic that was deleted and made anew has its name, and may have got as long again: only its id tells. */
  async #restartIfAnew(fetcher: LogFetcher): Promise<void> {
    const { topic, onRestart } = this.options;
    if (onRestart === undefined) return;
    const [anew] = await fetcher.look(this.#watch, [topic]);
    if (anew === undefined || this.#positions === undefined) return;
    this.logger.warn('A topic was made anew, reading it from its beginning', { topic });
    const starts = await fetcher.offsets(topic, 'start');
    for (const partition of this.#positions.keys()) {
      this.#positions.set(partition, { partition, offset: starts.get(partition) ?? 0, atGap: false });
    }
    onRestart([...this.#positions.keys()]);
  }

  /** Retention or compaction has passed a position by, or the topic was made anew: on at the nearest end of the log. */
  async #returnToLog(fetcher: LogFetcher, positions: Map<number, FetchPosition>): Promise<void> {
    const { topic } = this.options;
    const [starts, ends] = await Promise.all([fetcher.offsets(topic, 'start'), fetcher.offsets(topic, 'end')]);
    for (const [partition, { offset }] of positions) {
      const start = starts.get(partition) ?? 0;
      const end = ends.get(partition) ?? start;
      if (offset >= start && offset <= end) continue;
      this.logger.warn('An offset is out of range, reading on at the earliest', {
        topic,
        partition,
        offset,
        start,
        end,
      });
      positions.set(partition, { partition, offset: start, atGap: false });
      this.options.onRestart?.([partition]);
    }
  }
}

function startingAt(offsets: ReadonlyMap<number, number>): Map<number, FetchPosition> {
  return new Map([...offsets].map(([partition, offset]) => [partition, { partition, offset, atGap: false }]));
}
