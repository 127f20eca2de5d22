// Real: Kafka, Nest, the whole retry-scheduler, the clock. Nobody delivers: endpoints are what the test says they are.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeDelivery,
  decodeReport,
  encodeConfigDocument,
  encodeDelivery,
  encodeEndpointState,
  forgetEndpointState,
  topicNames,
  topicSpecs,
  type ConsumedRecord,
  type EndpointState,
  type SubscriptionDocument,
} from '@hookstream/contracts';
import type { SubscriptionId } from '@hookstream/domain';
import { connectKafka } from '@hookstream/kafka';
import { startService, type RunningService } from '@hookstream/service';
import { aDelivery, aDocument, eventually, testKafkaBrokers } from '@hookstream/testing';
import { settings } from '../src/config.js';
import { RetrySchedulerModule } from '../src/retry-scheduler.module.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const logger = { ...silent, child: () => logger };
const PARTITIONS = 2;
const DEAD = 'sub_dead';
const WELL = 'sub_well';

const TEST_TIMEOUT_MS = 150_000;

describe('what is parked', () => {
  const log = connectKafka({ brokers: [testKafkaBrokers()], clientId: 'parked-test', logger: silent });
  let topics: ReturnType<typeof topicNames>;
  let prefix: string;
  let running: RunningService[] = [];
  let parked = 0;
  const producer = log.producer();
  const ranges = log.ranges();
  const admin = log.admin();

  beforeEach(async () => {
    prefix = `parked-${randomBytes(4).toString('hex')}.`;
    topics = topicNames(prefix);
    parked = 0;
    await admin.ensureTopics(topicSpecs(topics, { partitions: PARTITIONS, replication: 1, maxEventBytes: 1_048_576 }));
  });
  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
  });
  afterAll(async () => {
    await Promise.all([producer.close(), ranges.close(), admin.close()]);
  });

  async function start(): Promise<RunningService> {
    const env = {
      HOOKSTREAM_KAFKA_BROKERS: testKafkaBrokers(),
      HOOKSTREAM_TOPIC_PREFIX: prefix,
      HOOKSTREAM_HOST: '127.0.0.1',
      HOOKSTREAM_PORT: '0',
      HOOKSTREAM_MAX_RETURNS_PER_SECOND: '1000',
    };
    const module = RetrySchedulerModule.of.bind(RetrySchedulerModule);
    const service = await startService({ name: 'retry-scheduler', settings, module }, { env, logger });
    running = [...running, service];
    return service;
  }

  const configure = (id: SubscriptionId, part: Partial<SubscriptionDocument>) =>
    producer.send(encodeConfigDocument(topics.config, aDocument({ id, ...part })));

  const isOpen = (subscription: SubscriptionId) => {
    const state: EndpointState = {
      subscription,
      breaker: 'open',
      openUntilMs: Date.now() + 3_600_000,
      openings: 5,
      holdUntilMs: null,
      overflowing: false,
      consecutiveFailures: 9,
      atMs: Date.now(),
    };
    return producer.send(encodeEndpointState(topics.endpointState, state));
  };

  /** All into one partition, whatever the key. */
  async function park(subscription: SubscriptionId, count: number): Promise<void> {
    const records = Array.from({ length: count }, () => {
      parked += 1;
      const id = `dlv_${parked.toString(16).padStart(32, '0')}` as const;
      const delivery = aDelivery({ id, subscription, runStartedAtMs: Date.now(), reason: 'breaker-open' });
      return { ...encodeDelivery(topics.parked, delivery), partition: 0 };
    });
    await producer.sendAll(records);
  }

  async function read(topic: string): Promise<ConsumedRecord[]> {
    const all: ConsumedRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await ranges.readRange({ topic, partition, fromOffset: 0, onRecords: (records) => void all.push(...records) });
    }
    return all;
  }

  const released = async (subscription: string) =>
    (await read(topics.deliveries)).map(decodeDelivery).filter((delivery) => delivery.subscription === subscription);

  const distinct = async (subscription: string) => new Set((await released(subscription)).map(({ id }) => id)).size;

  const committed = async () => {
    const stored = await admin.committed(`${prefix}retry-scheduler.parked`, [topics.parked]);
    return stored.find(({ partition }) => partition === 0)?.offset;
  };

  const until = (check: () => Promise<void>) => eventually(check, { timeoutMs: 100_000, intervalMs: 1_000 });

  it(
    'waits in the log behind a dead endpoint, delays no other, and all comes back when it heals',
    async () => {
      await isOpen(DEAD);
      await park(DEAD, 20_000);
      await park(WELL, 300);
      await start();
      await until(async () => expect(await distinct(WELL)).toBe(300));
      expect(await released(DEAD)).toEqual([]);
      expect(await committed()).toBe(0);
      await producer.send(forgetEndpointState(topics.endpointState, DEAD));
      await until(async () => expect(await distinct(DEAD)).toBe(20_000));
      await until(async () => expect(await committed()).toBe(20_300));
      expect(await released(DEAD)).toHaveLength(20_000);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'loses nothing when the scheduler is restarted in the middle, and moves nothing twice that was committed',
    async () => {
      await isOpen(DEAD);
      for (let n = 0; n < 20; n += 1) {
        await park(DEAD, 50);
        await park(WELL, 50);
      }
      const first = await start();
      await until(async () => expect(await distinct(WELL)).toBeGreaterThan(50));
      await first.stop();
      expect(await distinct(WELL)).toBeLessThan(1_000);
      await start();
      await until(async () => expect(await distinct(WELL)).toBe(1_000));
      expect(await released(WELL)).toHaveLength(1_000);
      await producer.send(forgetEndpointState(topics.endpointState, DEAD));
      await until(async () => expect(await distinct(DEAD)).toBe(1_000));
      await until(async () => expect(await committed()).toBe(2_000));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps what is paused until it is resumed, and ends what is deactivated meanwhile',
    async () => {
      await configure(WELL, { version: 1, paused: true });
      await configure(DEAD, { version: 1, paused: true });
      await isOpen(WELL);
      await park(WELL, 10);
      await park(DEAD, 10);
      await start();
      await configure(DEAD, { version: 2, active: false });
      await until(async () => {
        const ended = (await read(topics.attempts)).map(decodeReport);
        expect(ended.map(({ state, reason }) => [state, reason])).toEqual(
          Array.from({ length: 10 }, () => ['cancelled', 'subscription-inactive']),
        );
      });
      expect(await released(WELL)).toEqual([]);
      await configure(WELL, { version: 2, resumedAtMs: Date.now() });
      await until(async () => expect(await released(WELL)).toHaveLength(10));
    },
    TEST_TIMEOUT_MS,
  );
});
