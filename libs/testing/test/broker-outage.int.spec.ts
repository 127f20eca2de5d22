// Real: a Kafka of its own that is killed and started again, kafkajs behind the ports.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectKafka, type KafkaConnection } from '@hookstream/kafka';
import { eventually, LocalKafka } from '../src/index.js';

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const LONG = { timeoutMs: 45_000 };

describe('a broker that is killed and comes back', () => {
  let dataDir: string;
  let kafka: LocalKafka;
  let log: KafkaConnection;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hookstream-outage-'));
    kafka = await LocalKafka.start({ dataDir, heapMb: 256 });
    log = connectKafka({ brokers: [kafka.brokers], clientId: 'outage', logger });
  });
  afterAll(async () => {
    await kafka.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('interrupts producer, consumer and table, and none of them loses a record', async () => {
    const admin = log.admin();
    await admin.ensureTopics([
      { name: 'events', partitions: 2, replication: 1, config: {} },
      { name: 'table', partitions: 2, replication: 1, config: { 'cleanup.policy': 'compact' } },
    ]);
    const seen = new Set<string>();
    const rows = new Set<string>();
    const producer = log.producer({ deliveryTimeoutMs: 60_000 });
    const onBatch = async (batch: {
      records: readonly { value: Buffer | null }[];
      topic: string;
      partition: number;
      lastOffset: number;
    }) => {
      for (const { value } of batch.records) seen.add(String(value));
      const { topic, partition, lastOffset } = batch;
      await consumer.commit([{ topic, partition, offset: lastOffset + 1 }]).catch(() => undefined);
    };
    const consumer = log.consumer({ groupId: 'outage', topics: ['events'] }, { onBatch });
    const table = log.table({ topic: 'table', onRecord: (key) => void rows.add(key) });
    await Promise.all([consumer.start(), table.start(), table.ready]);

    const send = (i: number) =>
      Promise.all([
        producer.send({ topic: 'events', key: `k${i}`, value: Buffer.from(`v${i}`) }),
        producer.send({ topic: 'table', key: `k${i}`, value: Buffer.from('x') }),
      ]);
    await Promise.all(Array.from({ length: 100 }, (_, i) => send(i)));
    const killed = kafka.kill();
    const during = Promise.all(Array.from({ length: 100 }, (_, i) => send(100 + i)));
    await killed;
    const fetchedBefore = table.lastFetchCompletedAt() ?? 0;
    await kafka.start();
    await during;
    await eventually(() => {
      expect([seen.size, rows.size]).toEqual([200, 200]);
      expect(table.isReady()).toBe(true);
      expect(table.lastFetchCompletedAt()).toBeGreaterThan(fetchedBefore);
    }, LONG);
    await admin.ping();
    await Promise.all([consumer.close(), table.close(), producer.close(), admin.close()]);
  }, 120_000);
});
