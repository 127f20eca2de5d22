import { type ConsumedRecord, type OutgoingRecord } from '@hookstream/contracts';
import { randomUUID } from 'node:crypto';
import {
  connectKafka,
  type ConsumerHandlers,
  type ConsumerOptions,
  type KafkaConnection,
  type Logger,
  type ProducerOptions,
  type RecordBatch,
  type RecordConsumer,
  type RecordProducer,
  type TableOptions,
  type TableReader,
  type TopicPartition,
} from '../../src/index.js';

const silent = () => undefined;
const toConsole = (level: string) => (message: string, fields?: object) => {
  console.log(level, message, JSON.stringify(fields));
};
const quiet: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const loud: Logger = {
  debug: toConsole('debug'),
  info: toConsole('info'),
  warn: toConsole('warn'),
  error: toConsole('error'),
};

function testBrokers(): readonly string[] {
  const brokers = process.env['HOOKSTREAM_TEST_KAFKA_BROKERS'];
  if (brokers === undefined) throw new Error('HOOKSTREAM_TEST_KAFKA_BROKERS is not set: run by jest.int.config.mjs');
  return brokers.split(',');
}

/** Real Kafka; all that is opened through it is closed by `close`, and its topics are deleted. */
export class KafkaTestBed {
  readonly prefix = `t${randomUUID().slice(0, 8)}.`;
  readonly connection: KafkaConnection;
  readonly #open: { close(): Promise<void> }[] = [];
  readonly #topics = new Set<string>();

  constructor(brokers = testBrokers()) {
    const logger = process.env['HOOKSTREAM_TEST_LOUD'] === undefined ? quiet : loud;
    this.connection = connectKafka({ brokers, clientId: 'hookstream-test', logger });
  }

  async topic(name: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = `${this.prefix}${name}`;
    const admin = this.connection.admin();
    await admin.ensureTopics([{ name: topic, partitions, replication: 1, config }]);
    await admin.close();
    this.#topics.add(topic);
    return topic;
  }

  producer(options: ProducerOptions = {}): RecordProducer {
    return this.#closing(this.connection.producer(options));
  }

  consumer(options: ConsumerOptions, handlers: ConsumerHandlers): RecordConsumer {
    return this.#closing(this.connection.consumer(options, handlers));
  }

  table(options: TableOptions): TableReader {
    return this.#closing(this.connection.table(options));
  }

  async produce(topic: string, values: readonly string[], partition = 0): Promise<void> {
    const producer = this.connection.producer();
    await producer.sendAll(values.map((value) => outgoing(topic, value, { partition })));
    await producer.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((one) => one.close()));
    const admin = this.connection.admin();
    await admin.deleteTopics([...this.#topics]);
    await admin.close();
  }

  #closing<T extends { close(): Promise<void> }>(one: T): T {
    this.#open.push(one);
    return one;
  }
}

export function outgoing(topic: string, value: string | null, rest: Partial<OutgoingRecord> = {}): OutgoingRecord {
  return { topic, key: null, value: value === null ? null : Buffer.from(value), ...rest };
}

export const text = ({ value }: ConsumedRecord): string | undefined => value?.toString();

/** A handler that keeps what it sees. */
export class Recorder implements ConsumerHandlers {
  readonly batches: RecordBatch[] = [];
  readonly events: string[] = [];
  beforeBatch: (batch: RecordBatch) => Promise<void> | void = () => undefined;

  get values(): readonly (string | undefined)[] {
    return this.batches.flatMap(({ records }) => records.map(text));
  }

  onBatch = async (batch: RecordBatch): Promise<void> => {
    await this.beforeBatch(batch);
    this.batches.push(batch);
  };

  onAssigned = (gained: readonly TopicPartition[]): void => {
    this.events.push(`+${names(gained)}`);
  };

  onRevoked = (lost: readonly TopicPartition[], reason: string): void => {
    this.events.push(`-${names(lost)} ${reason}`);
  };
}

const names = (partitions: readonly TopicPartition[]) =>
  partitions
    .map(({ partition }) => partition)
    .sort()
    .join();
