import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RebalancedError, TransientKafkaError, type OffsetCommit } from '@hookstream/kafka';
import { OffsetCommitter } from './offset-committer.js';

/** A group coordinator that answers when told to. */
class FakeConsumer {
  readonly commits: (readonly OffsetCommit[])[] = [];
  readonly #answers: ((error?: Error) => void)[] = [];

  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    this.commits.push(offsets);
    return new Promise((resolve, reject) => this.#answers.push((error) => (error ? reject(error) : resolve())));
  }

  async answer(error?: Error): Promise<void> {
    this.#answers.shift()?.(error);
    await this.settled();
  }

  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function committer(everyMs = 0) {
  const consumer = new FakeConsumer();
  const warnings: string[] = [];
  const none = () => {};
  const logger = { debug: none, info: none, warn: (message: string) => void warnings.push(message), error: none };
  return { consumer, warnings, committer: new OffsetCommitter(consumer, logger, everyMs) };
}

const at = (offset: number, partition = 0): OffsetCommit => ({ topic: 't', partition, offset });

afterEach(() => {
  jest.useRealTimers();
});

describe('OffsetCommitter', () => {
  it('commits at once, and what finishes meanwhile together with the next', async () => {
    const { consumer, committer: subject } = committer();
    subject.done(at(1));
    subject.done(at(2));
    subject.done(at(3));
    subject.done(at(7, 1));
    await consumer.answer();
    await consumer.answer();
    expect(consumer.commits).toEqual([[at(1)], [at(3), at(7, 1)]]);
  });

  it('lets a while pass between two commits, but not before it leaves', async () => {
    const { consumer, committer: subject } = committer(60_000);
    subject.done(at(1));
    await consumer.answer();
    subject.done(at(2));
    subject.retry();
    expect(consumer.commits).toEqual([[at(1)]]);
    const flushing = subject.flush();
    await consumer.settled();
    await consumer.answer();
    await flushing;
    expect(consumer.commits).toEqual([[at(1)], [at(2)]]);
  });

  it('commits what finished meanwhile when the while is over', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const { consumer, committer: subject } = committer(200);
    subject.done(at(1));
    await consumer.answer();
    subject.done(at(2));
    jest.advanceTimersByTime(199);
    expect(consumer.commits).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(consumer.commits).toEqual([[at(1)], [at(2)]]);
    await consumer.answer();
  });

  it('never goes back', async () => {
    const { consumer, committer: subject } = committer();
    subject.done(at(5));
    await consumer.answer(new TransientKafkaError('away'));
    subject.done(at(4));
    expect(consumer.commits.at(-1)).toEqual([at(5)]);
    await consumer.answer();
  });

  it('keeps what failed until the next heartbeat, newest offset first', async () => {
    const { consumer, warnings, committer: subject } = committer();
    subject.done(at(5));
    subject.done(at(9));
    await consumer.answer(new TransientKafkaError('away'));
    expect(consumer.commits).toHaveLength(1);
    expect(warnings).toEqual(['offsets not committed yet']);
    subject.retry();
    await consumer.answer();
    subject.retry();
    expect(consumer.commits).toEqual([[at(5)], [at(9)]]);
  });

  it('drops the offsets of a lost partition and keeps those of others', async () => {
    const { consumer, warnings, committer: subject } = committer();
    subject.done(at(5));
    subject.done(at(9, 1));
    await consumer.answer(new RebalancedError('rebalance'));
    subject.forget([{ topic: 't', partition: 0 }]);
    subject.retry();
    await consumer.answer();
    expect(consumer.commits.at(-1)).toEqual([at(9, 1)]);
    expect(warnings).toEqual([]);
  });

  it('flushes what is under way and what came meanwhile', async () => {
    const { consumer, committer: subject } = committer();
    subject.done(at(1));
    subject.done(at(2));
    let flushed = false;
    const flushing = subject.flush().then(() => (flushed = true));
    await consumer.answer();
    expect(flushed).toBe(false);
    await consumer.answer();
    await flushing;
    expect(consumer.commits).toEqual([[at(1)], [at(2)]]);
  });
});
