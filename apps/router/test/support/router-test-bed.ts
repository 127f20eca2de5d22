import { randomBytes } from 'node:crypto';
import {
  decodeDeadLetter,
  decodeDelivery,
  decodeRoutedBatch,
  encodeConfigDocument,
  topicNames,
  topicSpecs,
  type ConfigDocument,
  type ConsumedRecord,
  type OutgoingRecord,
} from '@hookstream/contracts';
import { connectKafka, type Compression, type RecordLog } from '@hookstream/kafka';
import { startService, type RunningService } from '@hookstream/service';
import { eventually, testKafkaBrokers } from '@hookstream/testing';
import { settings } from '../../src/config.js';
import { RouterModule } from '../../src/router.module.js';

const PARTITIONS = 3;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A router in this process over real Kafka, with topics of its own. */
export class RouterTestBed {
  readonly prefix = `router-${randomBytes(4).toString('hex')}.`;
  readonly topics = topicNames(this.prefix);
  readonly group = `${this.prefix}router`;
  readonly log = connectKafka({ brokers: [testKafkaBrokers()], clientId: 'router-test', logger: silent });
  readonly admin = this.log.admin();
  private readonly producer = this.log.producer();
  private readonly ranges = this.log.ranges();
  private readonly services: RunningService[] = [];
  private readonly ownTopics = [this.topics.events, this.topics.config, this.topics.deliveries];

  async createTopics(): Promise<void> {
    const names = [
      ...this.ownTopics,
      this.topics.parked,
      this.topics.endpointState,
      this.topics.routed,
      this.topics.deadLetters,
    ];
    const specs = topicSpecs(this.topics, { partitions: PARTITIONS, replication: 1, maxEventBytes: 1_048_576 });
    await this.admin.ensureTopics(specs.filter(({ name }) => names.includes(name)));
  }

  async createTopic(name: string): Promise<string> {
    const topic = this.prefix + name;
    await this.admin.ensureTopics([{ name: topic, partitions: PARTITIONS, replication: 1, config: {} }]);
    return topic;
  }

  async configure(...documents: readonly ConfigDocument[]): Promise<void> {
    await this.write(...documents.map((document) => encodeConfigDocument(this.topics.config, document)));
  }

  /** Starts a router; it is stopped at the end, if not before. */
  async start(log: RecordLog = this.log): Promise<RunningService> {
    const env = {
      HOOKSTREAM_KAFKA_BROKERS: testKafkaBrokers(),
      HOOKSTREAM_TOPIC_PREFIX: this.prefix,
      HOOKSTREAM_HOST: '127.0.0.1',
      HOOKSTREAM_PORT: '0',
    };
    const logger = { ...silent, child: () => logger };
    const service = await startService(
      { name: 'router', settings, module: (host) => RouterModule.of(host) },
      { env, log, logger },
    );
    this.services.push(service);
    return service;
  }

  async write(...records: readonly OutgoingRecord[]): Promise<void> {
    await this.producer.sendAll(records);
  }

  async writeCompressed(compression: Compression, ...records: readonly OutgoingRecord[]): Promise<void> {
    const producer = this.log.producer({ compression });
    await producer.sendAll(records);
    await producer.close();
  }

  async deliveries() {
    return (await this.read(this.topics.deliveries)).map(decodeDelivery);
  }

  async routed() {
    return (await this.read(this.topics.routed)).flatMap(decodeRoutedBatch);
  }

  async deadLetters() {
    return (await this.read(this.topics.deadLetters)).map(decodeDeadLetter);
  }

  /** Records that the group has committed, over all partitions of a topic. */
  async committedRecords(topic: string): Promise<number> {
    const committed = await this.admin.committed(this.group, [topic]);
    return committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.stop();
    await this.producer.close();
    await this.ranges.close();
    await this.admin.close();
  }

  private async read(topic: string): Promise<ConsumedRecord[]> {
    const all: ConsumedRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await this.ranges.readRange({
        topic,
        partition,
        fromOffset: 0,
        onRecords: (records) => void all.push(...records),
      });
    }
    return all;
  }
}

/** Twenty seconds: a first join and a rebalance on a busy machine. */
export function soon<T>(probe: () => T | Promise<T>): Promise<T> {
  return eventually(probe, { timeoutMs: 20_000, intervalMs: 100 });
}
