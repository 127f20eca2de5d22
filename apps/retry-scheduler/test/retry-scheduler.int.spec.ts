// Real: Kafka, Nest, the whole retry-scheduler, the clock.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeDeadLetter,
  decodeDelivery,
  encodeDelivery,
  topicNames,
  topicSpecs,
  type ConsumedRecord,
  type Delivery,
} from '@hookstream/contracts';
import { connectKafka } from '@hookstream/kafka';
import { startService, type RunningService } from '@hookstream/service';
import { aDelivery, eventually, testKafkaBrokers } from '@hookstream/testing';
import { settings } from '../src/config.js';
import { RetrySchedulerModule } from '../src/retry-scheduler.module.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const logger = { ...silent, child: () => logger };
const PARTITIONS = 2;
/** Above the default, which a producer of ours must not keep to. */
const MAX_EVENT_BYTES = 4 * 1_048_576;

describe('the retry-scheduler', () => {
  const log = connectKafka({ brokers: [testKafkaBrokers()], clientId: 'retry-scheduler-test', logger: silent });
  let prefix: string;
  let topics: ReturnType<typeof topicNames>;
  let running: RunningService[] = [];
  const producer = log.producer({ maxRecordBytes: 2 * MAX_EVENT_BYTES });
  const ranges = log.ranges();
  const admin = log.admin();

  beforeEach(async () => {
    prefix = `retry-${randomBytes(4).toString('hex')}.`;
    topics = topicNames(prefix);
    const specs = topicSpecs(topics, { partitions: PARTITIONS, replication: 1, maxEventBytes: MAX_EVENT_BYTES });
    const wanted = /\.(delay\.|deliveries$|parked$|attempts$|config$|endpoint-state$|dead-letters$)/;
    await admin.ensureTopics(specs.filter(({ name }) => wanted.test(name)));
  });
  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
  });

  afterAll(async () => {
    await producer.close();
    await ranges.close();
    await admin.close();
  });

  async function start(): Promise<RunningService> {
    const env = {
      HOOKSTREAM_KAFKA_BROKERS: testKafkaBrokers(),
      HOOKSTREAM_TOPIC_PREFIX: prefix,
      HOOKSTREAM_HOST: '127.0.0.1',
      HOOKSTREAM_PORT: '0',
      HOOKSTREAM_MAX_EVENT_BYTES: String(MAX_EVENT_BYTES),
    };
    const definition = {
      name: 'retry-scheduler',
      settings,
      module: RetrySchedulerModule.of.bind(RetrySchedulerModule),
    };
    const service = await startService(definition, { env, logger });
    running = [...running, service];
    return service;
  }

  async function read(topic: string): Promise<ConsumedRecord[]> {
    const all: ConsumedRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await ranges.readRange({ topic, partition, fromOffset: 0, onRecords: (records) => void all.push(...records) });
    }
    return all;
  }

  /**
   * What came out, each delivery once, with how late by the broker's clock. A member that a busy machine keeps from its
   * heartbeats is expelled and moves records again: the dispatcher drops those by their key.
   */
  const released = async (atLeast: number) =>
    eventually(
      async () => {
        const records = await read(topics.deliveries);
        const byAttempt = new Map<number, { delivery: Delivery; lateMs: number }>();
        for (const record of records) {
          const delivery = decodeDelivery(record);
          byAttempt.set(delivery.attempt, { delivery, lateMs: record.timestamp - delivery.dueAtMs });
        }
        expect(byAttempt.size).toBeGreaterThanOrEqual(atLeast);
        return [...byAttempt.values()];
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );

  const dueIn = (milliseconds: number, n: number) =>
    aDelivery({ subscription: `sub_${n}`, dueAtMs: Date.now() + milliseconds, attempt: n + 1, reason: 'retry' });

  it('hands each delivery over when it is due: never early, and not much later', async () => {
    const service = await start();
    await eventually(async () => expect((await fetch(`${service.url}/readyz`)).status).toBe(200), {
      timeoutMs: 30_000,
    });
    const deliveries = [3_000, 500, 6_000, 1_500, 0].map(dueIn);
    await producer.sendAll(deliveries.map((delivery) => encodeDelivery(topics.delayNear, delivery)));
    for (const { lateMs } of await released(5)) {
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(2_000);
    }
  });

  it('carries an event as large as the setting allows', async () => {
    await start();
    const large = { ...dueIn(300, 1), data: Buffer.alloc(3 * 1_048_576, 0x20) };
    await producer.send(encodeDelivery(topics.delayNear, large));
    const [out] = await released(1);
    expect(out?.delivery.data.length).toBe(large.data.length);
  });

  it('carries a longer delay over a level and the rest in memory', async () => {
    await start();
    const delivery = dueIn(12_000, 1);
    await producer.send(encodeDelivery(topics.delayLevels[0]?.topic ?? '', delivery));
    const [out] = await released(1);
    expect(out?.delivery).toEqual({ ...delivery, hops: 2 });
    expect(out?.lateMs).toBeGreaterThanOrEqual(0);
    expect(out?.lateMs).toBeLessThan(2_000);
  });

  it('loses nothing that slept in memory when it is restarted, and is not early for it', async () => {
    const first = await start();
    const deliveries = Array.from({ length: 200 }, (_, n) => dueIn(n % 2 === 0 ? 200 : 8_000, n));
    await producer.sendAll(deliveries.map((delivery) => encodeDelivery(topics.delayNear, delivery)));
    await released(100);
    await first.stop();
    await start();
    const out = await released(200);
    expect(out).toHaveLength(200);
    expect(Math.min(...out.map(({ lateMs }) => lateMs))).toBeGreaterThanOrEqual(0);
  });

  it('writes a record it cannot read to the dead letters and goes on behind it', async () => {
    await start();
    await producer.send({ topic: topics.delayNear, partition: 0, key: 'sub_1', value: Buffer.from('x') });
    await producer.send({ ...encodeDelivery(topics.delayNear, dueIn(100, 1)), partition: 0 });
    await released(1);
    const [letter] = (await read(topics.deadLetters)).map(decodeDeadLetter);
    expect(letter).toMatchObject({ reason: 'undecodable', stage: 'retry-scheduler' });
    await eventually(
      async () => {
        const committed = await admin.committed(`${prefix}retry-scheduler`, [topics.delayNear]);
        expect(committed.find(({ partition }) => partition === 0)?.offset).toBe(2);
      },
      { timeoutMs: 10_000 },
    );
  });
});
