import { describe, expect, it } from '@jest/globals';
import { type Broker, type Cluster } from 'kafkajs';
import { skipEmptyPartitions } from './skip-empty-partitions.js';

const nothing = { errorCode: 0, preferredReadReplica: -1, messages: [] };

/** Answers every fetch with these partitions. A stand-in: a real broker's answers cannot be chosen. */
function clusterAnswering(partitions: readonly object[]): Cluster {
  const answer = { throttleTime: 0, responses: [{ topicName: 't', partitions }] };
  const broker = { fetch: () => Promise.resolve(answer) } as unknown as Broker;
  return { findBroker: () => Promise.resolve(broker) } as unknown as Cluster;
}

async function partitionsOf(cluster: Cluster): Promise<readonly unknown[]> {
  const broker = await cluster.findBroker({ nodeId: '1' });
  const answer = (await broker.fetch({ topics: [] })) as { responses: readonly { partitions: readonly unknown[] }[] };
  return answer.responses.flatMap(({ partitions }) => partitions);
}

describe('skipEmptyPartitions', () => {
  it('leaves out partitions with nothing new, at every fetch', async () => {
    const full = { ...nothing, partition: 1, messages: [{}] };
    const cluster = clusterAnswering([{ ...nothing, partition: 0 }, full]);
    skipEmptyPartitions(cluster);
    expect(await partitionsOf(cluster)).toEqual([full]);
    expect(await partitionsOf(cluster)).toEqual([full]);
  });

  it('keeps those that tell of an error or of a nearer replica', async () => {
    const telling = [
      { ...nothing, errorCode: 1 },
      { ...nothing, preferredReadReplica: 2 },
    ];
    const cluster = clusterAnswering(telling);
    skipEmptyPartitions(cluster);
    expect(await partitionsOf(cluster)).toEqual(telling);
  });
});
