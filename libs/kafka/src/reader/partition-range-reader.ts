import { type KafkaClients } from '../client/kafka-clients.js';
import { ClosedError } from '../errors.js';
import { type Logger, type RangeReader, type ReadRange } from '../ports.js';
import { TopicFollower } from './topic-follower.js';

const MAX_WAIT_MS = 250;

export class PartitionRangeReader implements RangeReader {
  readonly #reading = new Set<TopicFollower>();
  #closed = false;

  constructor(
    readonly clients: KafkaClients,
    readonly logger: Logger,
  ) {}

  async readRange({ topic, partition, fromOffset, toOffset, onRecords, signal }: ReadRange): Promise<number> {
    let end = toOffset;
    let next = fromOffset;
    const isDone = () => end !== undefined && next >= end;
    const follower = new TopicFollower(this.clients, this.logger, {
      topic,
      maxWaitMs: MAX_WAIT_MS,
      begin: async (fetcher) => {
        const [starts, ends] = await Promise.all([
          fetcher.offsets(topic, 'start', [partition]),
          fetcher.offsets(topic, 'end', [partition]),
        ]);
        const logEnd = ends.get(partition) ?? 0;
        end = Math.min(toOffset ?? logEnd, logEnd);
        next = Math.max(fromOffset, starts.get(partition) ?? 0);
        return new Map([[partition, next]]);
      },
      onFetched: async ({ records, nextOffset }) => {
        const wanted = records.filter(({ offset }) => offset < (end ?? 0));
        if (wanted.length > 0) await onRecords(wanted);
        next = nextOffset;
      },
      isDone,
    });
    const stop = () => {
      follower.stop();
    };
    signal?.throwIfAborted();
    if (this.#closed) throw new ClosedError('The range reader is closed');
    signal?.addEventListener('abort', stop, { once: true });
    this.#reading.add(follower);
    try {
      await follower.run();
    } finally {
      this.#reading.delete(follower);
      signal?.removeEventListener('abort', stop);
    }
    signal?.throwIfAborted();
    if (!isDone()) throw new ClosedError('The range reader was closed while it read');
    return Math.min(next, end ?? next);
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const follower of this.#reading) follower.stop();
    return Promise.resolve();
  }
}
