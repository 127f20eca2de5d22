import { describe, expect, it } from '@jest/globals';
import { type Broker } from 'kafkajs';
import { skipEmptyPartitions } from './skip-empty-partitions.js';

const nothing = { errorCode: 0, preferredReadReplica: -1, messages: [] };

/** Answers every fetch with these partitions. A stand-in: a real broker's answers cannot be chosen. */
function brokerAnswering(partitions: readonly object[]) {
  const answer = { throttleTime: 0, responses: [{ topicName: 't', partitions }] };
  const broker: Pick<Broker, 'fetch'> = { fetch: () => Promise.resolve(answer) };
  skipEmptyPartitions(broker);
  return broker;
}

async function partitionsOf(broker: Pick<Broker, 'fetch'>): Promise<readonly unknown[]> {
  const answer = (await broker.fetch({ topics: [] })) as { responses: readonly { partitions: readonly unknown[] }[] };
  return answer.responses.flatMap(({ partitions }) => partitions);
}

describe('skipEmptyPartitions', () => {
  it('leaves out partitions with nothing new, at every fetch', async () => {
    const full = { ...nothing, partition: 1, messages: [{}] };
    const broker = brokerAnswering([{ ...nothing, partition: 0 }, full]);
    expect(await partitionsOf(broker)).toEqual([full]);
    expect(await partitionsOf(broker)).toEqual([full]);
  });

  it('keeps those that tell of an error or of a nearer replica', async () => {
    const telling = [
      { ...nothing, errorCode: 1 },
      { ...nothing, preferredReadReplica: 2 },
    ];
    const broker = brokerAnswering(telling);
    expect(await partitionsOf(broker)).toEqual(telling);
  });
});
