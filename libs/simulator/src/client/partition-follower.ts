import { type ConsumedRecord } from '@hookstream/contracts';
import { type TopicPartition } from '@hookstream/kafka';
import { type FetchAnswer } from '../broker/cluster.js';
import { type Connection } from '../network/connection.js';
import { type ClientContext } from './client-context.js';
import { Wake } from './wake.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
const BYTES_PER_FETCH = 8 * 1024 * 1024;
const BYTES_PER_PARTITION = 1024 * 1024;

export interface Followed extends TopicPartition {
  readonly records: readonly ConsumedRecord[];
  /** Where the next records begin. */
  readonly nextOffset: number;
}

export interface FollowerParts {
  readonly topic: string;
  readonly maxWaitMs: number;
  /** Where to begin, from start and end of each partition; asked until it has answered. */
  readonly begin: (bounds: readonly PartitionBounds[]) => ReadonlyMap<number, number>;
  /** A fetch was answered, by `performanceNow` at its sending. All partitions were asked for. */
  readonly onAnswered?: (sentAtMs: number) => void;
  /** A throw stops nothing: the same stretch comes again after a back-off. */
  readonly onRecords: (followed: Followed) => Promise<void>;
  readonly isDone: () => boolean;
}

export interface PartitionBounds {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** Reads partitions of one topic on and on, outside any group, until it is done or stopped. */
export class PartitionFollower {
  readonly #connection: Connection;
  readonly #wake: Wake;
  #positions: Map<number, number> | undefined;
  #stopped = false;

  constructor(
    private readonly context: ClientContext,
    private readonly parts: FollowerParts,
  ) {
    this.#connection = context.network.connect(context.replica);
    this.#wake = new Wake(context.replica);
  }

  /** Next offset to read, per partition. */
  positions(): ReadonlyMap<number, number> {
    return new Map(this.#positions);
  }

  stop(): void {
    this.#stopped = true;
    this.#wake.notify();
  }

  /** Resolves when it is done or stopped. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#isOver();) {
      try {
        this.#positions ??= new Map(this.parts.begin(await this.#bounds()));
        if (this.#isOver()) return;
        await this.#fetch(this.#positions);
        failures = 0;
      } catch {
        await this.#wake.wait(Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS));
        failures += 1;
      }
    }
  }

  #isOver(): boolean {
    return this.#stopped || this.parts.isDone();
  }

  #bounds(): Promise<readonly PartitionBounds[]> {
    const { topic } = this.parts;
    return this.#connection.request(() =>
      this.context.cluster
        .partitions(topic)
        .map(({ partition, startOffset: start, endOffset: end }) => ({ partition, start, end })),
    );
  }

  async #fetch(positions: Map<number, number>): Promise<void> {
    const { topic, maxWaitMs, onAnswered } = this.parts;
    const sentAtMs = this.context.replica.performanceNow();
    const answers = await this.#connection.request(() =>
      this.context.cluster.fetch({
        positions: [...positions].map(([partition, offset]) => ({ topic, partition, offset })),
        maxWaitMs,
        maxBytesPerPartition: BYTES_PER_PARTITION,
        maxBytes: BYTES_PER_FETCH,
      }),
    );
    for (const answer of answers) {
      if (this.#stopped) return;
      await this.#take(answer, positions);
    }
    onAnswered?.(sentAtMs);
  }

  async #take(answer: FetchAnswer, positions: Map<number, number>): Promise<void> {
    const { topic, partition } = answer;
    if ('code' in answer) {
      if (answer.code !== 'OFFSET_OUT_OF_RANGE') throw new Error(answer.code);
      const bounds = (await this.#bounds()).find((each) => each.partition === partition);
      if (bounds !== undefined) positions.set(partition, bounds.start);
      return;
    }
    const nextOffset = answer.stretch.lastOffset + 1;
    await this.parts.onRecords({ topic, partition, records: answer.stretch.records, nextOffset });
    positions.set(partition, nextOffset);
  }
}
