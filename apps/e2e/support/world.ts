import { randomBytes } from 'node:crypto';
import { decodeReport, topicNames, type ConsumedRecord, type DeliveryReport, type Topics } from '@hookstream/contracts';
import { connectKafka, type Compression, type RecordProducer } from '@hookstream/kafka';
import {
  prepareBackends,
  randomApiKey,
  randomEncryptionKeys,
  startServices,
  testDatabaseUrl,
  testKafkaBrokers,
  type ServiceName,
  type ServiceStack,
} from '@hookstream/testing';
import pg from 'pg';
import { ApiClient, type DeliveryView, type Page } from './api-client.js';
import { writeByConsoleProducer } from './console-producer.js';

export interface WorldOptions {
  /** Default: all. */
  readonly only?: readonly ServiceName[];
}

/** The built services on topics and a database of their own. */
export interface World {
  readonly api: ApiClient;
  readonly topics: Topics;
  readonly producer: RecordProducer;
  readonly stack: ServiceStack;
  createTopic(name: string): Promise<void>;
  consoleProducer(topic: string, lines: readonly string[], compression?: Compression): Promise<void>;
  /** The whole log of a subscription. */
  allDeliveries(subscription: string): Promise<readonly DeliveryView[]>;
  /** Everything that was ever written to `attempts`. */
  allReports(): Promise<readonly DeliveryReport[]>;
  /** The names under which somebody is connected to this world's database. */
  databaseClients(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const PARTITIONS = 6;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export async function startWorld({ only }: WorldOptions = {}): Promise<World> {
  const name = `e2e_${randomBytes(4).toString('hex')}`;
  const databaseUrl = await createDatabase(name);
  const settings = {
    brokers: testKafkaBrokers(),
    databaseUrl,
    topicPrefix: `${name}.`,
    apiKey: randomApiKey(),
    encryptionKeys: randomEncryptionKeys(),
  };
  await prepareBackends({ ...settings, topicPartitions: PARTITIONS });
  const stack = await startServices({ ...settings, ...(only && { only }) });
  const log = connectKafka({ brokers: [settings.brokers], clientId: name, logger: silent });
  const producer = log.producer();
  const admin = log.admin();
  const ranges = log.ranges();
  const topics = topicNames(settings.topicPrefix);
  const api = new ApiClient(stack.url, stack.apiKey);

  return {
    api,
    topics,
    producer,
    stack,
    async createTopic(topic) {
      await admin.ensureTopics([{ name: topic, partitions: 2, replication: 1, config: {} }]);
    },
    consoleProducer: (topic, lines, compression = 'none') =>
      writeByConsoleProducer(settings.brokers, topic, lines, compression),
    async allDeliveries(subscription) {
      const all: DeliveryView[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const path = `/v1/deliveries?subscription=${subscription}&limit=200${at}`;
        const { body } = await api.call<Page<DeliveryView>>('GET', path);
        all.push(...body.data);
        cursor = body.nextCursor;
      }
      return all;
    },
    async allReports() {
      const all: DeliveryReport[] = [];
      const onRecords = (records: readonly ConsumedRecord[]) => void all.push(...records.map(decodeReport));
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        await ranges.readRange({ topic: topics.attempts, partition, fromOffset: 0, onRecords });
      }
      return all;
    },
    databaseClients: () => connectedNames(databaseUrl),
    async stop() {
      await producer.close();
      await admin.close();
      await ranges.close();
      await stack.stop();
    },
  };
}

async function createDatabase(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: testDatabaseUrl() });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(testDatabaseUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function connectedNames(databaseUrl: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'e2e' });
  await client.connect();
  try {
    const { rows } = await client.query<{ application_name: string }>(
      'SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database()',
    );
    return rows.map((row) => row.application_name);
  } finally {
    await client.end();
  }
}
