import { randomBytes } from 'node:crypto';
import {
  decodeReport,
  decodeRoutedBatch,
  topicNames,
  type ConsumedRecord,
  type DeliveryReport,
  type RoutedEvent,
  type Topics,
} from '@hookstream/contracts';
import { connectKafka, type Compression, type RangeReader, type RecordProducer } from '@hookstream/kafka';
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
import { growTopic, writeByConsoleProducer } from './kafka-tools.js';

export interface WorldOptions {
  /** Default: all. */
  readonly only?: readonly ServiceName[];
  /** Default: those of the test run, which no test may stop. */
  readonly backends?: { readonly brokers: string; readonly databaseUrl: string };
  /** One file per service. Default: none. */
  readonly logDir?: string;
}

/** The built services on topics and a database of their own. */
export interface World {
  readonly api: ApiClient;
  readonly topics: Topics;
  readonly producer: RecordProducer;
  readonly stack: ServiceStack;
  /** Second instances of some services: of the same groups, on the same topics and tables, at other ports. */
  twins(of: readonly ServiceName[]): Promise<ServiceStack>;
  createTopic(name: string): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  /** By Kafka's own tool. */
  growTopic(name: string, partitions: number): Promise<void>;
  /** Makes anew what is missing of Hookstream's own topics, as an operator would. */
  restoreTopics(): Promise<void>;
  consoleProducer(topic: string, lines: readonly string[], compression?: Compression): Promise<void>;
  /** The whole log of a subscription. */
  allDeliveries(subscription: string): Promise<readonly DeliveryView[]>;
  /** Everything that was ever written to `routed`. */
  allRouted(): Promise<readonly RoutedEvent[]>;
  /** Everything that was ever written to `attempts`. */
  allReports(): Promise<readonly DeliveryReport[]>;
  /** The names under which somebody is connected to this world's database. */
  databaseClients(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const PARTITIONS = 6;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export async function startWorld({ only, logDir, backends }: WorldOptions = {}): Promise<World> {
  const name = `e2e_${randomBytes(4).toString('hex')}`;
  const databaseUrl = await createDatabase(name, backends?.databaseUrl ?? testDatabaseUrl());
  const settings = {
    brokers: backends?.brokers ?? testKafkaBrokers(),
    databaseUrl,
    topicPrefix: `${name}.`,
    apiKey: randomApiKey(),
    encryptionKeys: randomEncryptionKeys(),
  };
  const restoreTopics = () => prepareBackends({ ...settings, topicPartitions: PARTITIONS });
  await restoreTopics();
  const stack = await startServices({ ...settings, ...(only && { only }), ...(logDir !== undefined && { logDir }) });
  const twins: ServiceStack[] = [];
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
    async twins(of) {
      const folder = logDir === undefined ? {} : { logDir: `${logDir}/twins` };
      const started = await startServices({ ...settings, ...folder, only: of });
      twins.push(started);
      return started;
    },
    async createTopic(topic) {
      await admin.ensureTopics([{ name: topic, partitions: 2, replication: 1, config: {} }]);
    },
    deleteTopic: (topic) => admin.deleteTopics([topic]),
    growTopic: (topic, partitions) => growTopic(settings.brokers, topic, partitions),
    restoreTopics,
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
    allRouted: () => readAll(ranges, topics.routed, decodeRoutedBatch),
    allReports: () => readAll(ranges, topics.attempts, (record) => [decodeReport(record)]),
    databaseClients: () => connectedNames(databaseUrl),
    async stop() {
      await producer.close();
      await admin.close();
      await ranges.close();
      await Promise.all([stack, ...twins].map((each) => each.stop()));
    },
  };
}

async function readAll<T>(
  ranges: RangeReader,
  topic: string,
  decode: (record: ConsumedRecord) => readonly T[],
): Promise<T[]> {
  const all: T[] = [];
  const onRecords = (records: readonly ConsumedRecord[]) => void all.push(...records.flatMap(decode));
  for (let partition = 0; partition < PARTITIONS; partition += 1)
    await ranges.readRange({ topic, partition, fromOffset: 0, onRecords });
  return all;
}

async function createDatabase(name: string, serverUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
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
