// Real: Kafka, kafkajs.
import kafkajs from 'kafkajs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { KafkaTestBed, outgoing, Recorder } from './support/kafka-test-bed.js';

const bed = new KafkaTestBed();
const admin = bed.connection.admin();
afterAll(async () => {
  await admin.close();
  await bed.close();
});

const QUICK = { missingTopicsIntervalMs: 500 };
const numbered = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `v${from + i}`);

async function grow(topic: string, count: number): Promise<void> {
  const brokers = (process.env['HOOKSTREAM_TEST_KAFKA_BROKERS'] ?? '').split(',');
  const client = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await client.connect();
  await client.createPartitions({ topicPartitions: [{ topic, count }] });
  await client.disconnect();
}

describe('a consumer whose topics change while it runs', () => {
  it('goes on with the others when a topic is deleted, and reads it from its beginning when it is made anew', async () => {
    const [stays, goes] = [await bed.topic('stays'), await bed.topic('goes')];
    const seen = new Recorder();
    const consumer = bed.consumer({ groupId: `${bed.prefix}deleted`, topics: [stays, goes], ...QUICK }, seen);
    await consumer.start();
    await bed.produce(goes, numbered(5));
    await bed.produce(stays, ['a']);
    await eventually(() => {
      expect(seen.values).toHaveLength(6);
    });
    await consumer.commit([goes, stays].map((topic) => ({ topic, partition: 0, offset: topic === goes ? 5 : 1 })));
    await admin.deleteTopics([goes]);
    await bed.produce(stays, ['b']);
    await eventually(() => {
      expect(seen.values).toContain('b');
    });
    await consumer.commit([{ topic: stays, partition: 0, offset: 2 }]);
    await bed.topic('goes');
    await bed.produce(goes, numbered(20, 100));
    await eventually(() => {
      expect(seen.values.slice(7)).toEqual(numbered(20, 100));
    });
  });

  it('reads all of a topic that was deleted and made anew in a moment, though it is longer than before', async () => {
    const topic = await bed.topic('at-once');
    const seen = new Recorder();
    const consumer = bed.consumer({ groupId: `${bed.prefix}at-once`, topics: [topic], ...QUICK }, seen);
    await consumer.start();
    await bed.produce(topic, numbered(5));
    await eventually(() => {
      expect(seen.values).toHaveLength(5);
    });
    await consumer.commit([{ topic, partition: 0, offset: 5 }]);
    await admin.deleteTopics([topic]);
    await bed.topic('at-once');
    await bed.produce(topic, numbered(20, 100));
    await eventually(() => {
      expect(seen.values.slice(-20)).toEqual(numbered(20, 100));
    });
    expect(await admin.committed(`${bed.prefix}at-once`, [topic])).toMatchObject([{ offset: 0 }]);
  });

  it('is not held up in learning what is committed by a topic that is gone', async () => {
    const [stays, goes] = [await bed.topic('known'), await bed.topic('gone')];
    const consumer = bed.consumer({ groupId: `${bed.prefix}known`, topics: [stays, goes], ...QUICK }, new Recorder());
    await consumer.start();
    await consumer.commit([{ topic: stays, partition: 0, offset: 0 }]);
    await consumer.committed([stays, goes]);
    await admin.deleteTopics([goes]);
    expect(await consumer.committed([stays])).toMatchObject([{ topic: stays, offset: 0 }]);
  });

  it('skips nothing of a topic that was missing, though it was to start at the latest', async () => {
    const present = await bed.topic('here');
    const seen = new Recorder();
    const topics = [present, `${bed.prefix}comes`];
    const options = { groupId: `${bed.prefix}comes`, topics, startAt: 'latest', ...QUICK } as const;
    await bed.consumer(options, seen).start();
    await bed.produce(await bed.topic('comes'), ['a']);
    await eventually(() => {
      expect(seen.values).toEqual(['a']);
    });
  });

  it('takes new partitions in within moments, and keeps its place in the others', async () => {
    const topic = await bed.topic('grows', 2);
    const seen = new Recorder();
    await bed.consumer({ groupId: `${bed.prefix}grows`, topics: [topic], ...QUICK }, seen).start();
    await bed.produce(topic, ['a'], 0);
    await eventually(() => {
      expect(seen.values).toEqual(['a']);
    });
    await grow(topic, 4);
    await bed.produce(topic, ['b'], 3);
    await bed.produce(topic, ['c'], 0);
    await eventually(() => {
      expect([...seen.values].sort()).toEqual(['a', 'b', 'c']);
    });
    expect(seen.events).toEqual(['+0,1', '+2,3']);
  });
});

describe('a producer of which a topic is deleted', () => {
  it('goes on with the others, also with new ones, and writes what waits when the topic is made anew', async () => {
    const [stays, goes, later] = [await bed.topic('to.stays'), await bed.topic('to.goes'), await bed.topic('to.later')];
    const producer = bed.producer();
    await producer.sendAll([outgoing(stays, '1'), outgoing(goes, '1')]);
    await admin.deleteTopics([goes]);
    const waits = producer.send(outgoing(goes, '2'));
    for (let n = 0; n < 20; n += 1) await producer.send(outgoing(n % 2 === 0 ? stays : later, 'x'));
    await bed.topic('to.goes');
    await waits;
    const ends = async (topic: string) => (await admin.endOffsets(topic))[0]?.offset;
    expect(await Promise.all([stays, goes, later].map(ends))).toEqual([11, 1, 10]);
  });
});
