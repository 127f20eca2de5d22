// Real: Kafka, kafkajs.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectKafka, type LogAdmin } from '../src/index.js';
import { KafkaTestBed, outgoing } from './support/kafka-test-bed.js';

const bed = new KafkaTestBed();
let admin: LogAdmin;
beforeAll(() => {
  admin = bed.connection.admin();
});
afterAll(async () => {
  await admin.close();
  await bed.close();
});

describe('the topic admin', () => {
  it('creates what is missing, finds nothing to do the second time, and tells differences', async () => {
    const name = `${bed.prefix}ensured`;
    const spec = {
      name,
      partitions: 2,
      replication: 1,
      config: { 'retention.ms': '60000', 'cleanup.policy': 'delete' },
    };
    expect(await admin.ensureTopics([spec])).toEqual([{ name, status: 'created', problems: [], applied: [] }]);
    expect(await admin.ensureTopics([spec])).toEqual([{ name, status: 'ok', problems: [], applied: [] }]);
    const other = { ...spec, partitions: 3, config: { 'retention.ms': '90000', 'max.message.bytes': '2000000' } };
    const partitions = 'has 2 partitions, 3 are wanted';
    const [differs] = await admin.ensureTopics([other]);
    expect(differs).toMatchObject({ status: 'differs', applied: [] });
    expect(differs?.problems).toEqual([
      partitions,
      'retention.ms is 60000, 90000 is wanted',
      'max.message.bytes is 1048588, 2000000 is wanted',
    ]);
    expect(await admin.ensureTopics([other], { apply: true })).toEqual([
      { name, status: 'differs', problems: [partitions], applied: ['retention.ms=90000', 'max.message.bytes=2000000'] },
    ]);
    const whole = { ...other, partitions: 2, config: { ...other.config, 'cleanup.policy': 'delete' } };
    expect(await admin.ensureTopics([whole])).toEqual([{ name, status: 'ok', problems: [], applied: [] }]);
    expect(await admin.partitionCount(name)).toBe(2);
    await admin.deleteTopics([name, `${bed.prefix}never-was`]);
    expect(await admin.partitionCount(name)).toBeUndefined();
  });

  it('finds offsets by time, and the end where nothing is that young', async () => {
    const topic = await bed.topic('times', 2);
    const producer = bed.producer();
    await producer.send(outgoing(topic, 'x', { partition: 1 }));
    expect(await admin.offsetsForTime(topic, Date.now() - 60_000)).toEqual([
      { partition: 0, offset: 0 },
      { partition: 1, offset: 0 },
    ]);
    expect(await admin.offsetsForTime(topic, Date.now() + 60_000)).toEqual(await admin.endOffsets(topic));
    expect(await admin.endOffsets(topic)).toEqual([
      { partition: 0, offset: 0 },
      { partition: 1, offset: 1 },
    ]);
  });

  it('refuses what Kafka refuses, with its reason', async () => {
    const spec = { name: `${bed.prefix}bad`, partitions: 1, replication: 1, config: { 'cleanup.policy': 'nonsense' } };
    await expect(admin.ensureTopics([spec])).rejects.toMatchObject({
      name: 'KafkaRequestError',
      code: 'INVALID_CONFIG',
    });
  });

  it('says when no broker answers', async () => {
    await admin.ping();
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const nowhere = connectKafka({ brokers: ['127.0.0.1:1'], clientId: 'x', logger }).admin();
    await expect(nowhere.ping(300)).rejects.toMatchObject({ name: 'TransientKafkaError', retryable: true });
    await nowhere.close();
  });
});
