import { ClosedError, type RangeReader, type ReadRange } from '@hookstream/kafka';
import { type ClientContext } from './client-context.js';
import { PartitionFollower } from './partition-follower.js';

const MAX_WAIT_MS = 250;

export class SimulatedRanges implements RangeReader {
  readonly #reading = new Set<PartitionFollower>();
  #closed = false;

  constructor(private readonly context: ClientContext) {}

  async readRange({ topic, partition, fromOffset, toOffset, onRecords, signal }: ReadRange): Promise<number> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ClosedError('The range reader is closed');
    let end: number | undefined;
    let next = fromOffset;
    const isDone = () => end !== undefined && next >= end;
    const follower = new PartitionFollower(this.context, {
      topic,
      maxWaitMs: MAX_WAIT_MS,
      begin: (bounds) => {
        const own = bounds.find((each) => each.partition === partition);
        if (own === undefined) throw new Error(`${topic} has no partition ${partition}`);
        end = Math.min(toOffset ?? own.end, own.end);
        next = Math.max(fromOffset, own.start);
        return new Map([[partition, next]]);
      },
      onRecords: async ({ records, nextOffset }) => {
        const wanted = records.filter(({ offset }) => offset < (end ?? 0));
        if (wanted.length > 0) await onRecords(wanted);
        next = nextOffset;
      },
      isDone,
    });
    const stop = () => {
      follower.stop();
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#reading.add(follower);
    await follower.run();
    this.#reading.delete(follower);
    signal?.removeEventListener('abort', stop);
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
