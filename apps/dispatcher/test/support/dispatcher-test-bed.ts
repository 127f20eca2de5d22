import { randomBytes } from 'node:crypto';
import {
  decodeDeadLetter,
  decodeDelivery,
  decodeEndpointState,
  decodeReport,
  encodeConfigDocument,
  encodeDelivery,
  SecretBox,
  topicNames,
  topicSpecs,
  type ConfigDocument,
  type ConsumedRecord,
  type Delivery,
  type EndpointState,
  type OutgoingRecord,
} from '@hookstream/contracts';
import { connectKafka, type RecordLog } from '@hookstream/kafka';
import { startService, type RunningService } from '@hookstream/service';
import { eventually, testKafkaBrokers } from '@hookstream/testing';
import { settings } from '../../src/config.js';
import { DispatcherModule } from '../../src/dispatcher.module.js';

const PARTITIONS = 3;
const ENCRYPTION_KEY = { id: 'k1', key: Buffer.alloc(32, 7) };
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A dispatcher in this process over real Kafka and real HTTP, with topics of its own. */
export class DispatcherTestBed {
  readonly prefix = `dispatcher-${randomBytes(4).toString('hex')}.`;
  readonly topics = topicNames(this.prefix);
  readonly secrets = new SecretBox([ENCRYPTION_KEY]);
  readonly log = connectKafka({ brokers: [testKafkaBrokers()], clientId: 'dispatcher-test', logger: silent });
  private readonly admin = this.log.admin();
  private readonly producer = this.log.producer();
  private readonly ranges = this.log.ranges();
  private readonly services: RunningService[] = [];

  async createTopics(): Promise<void> {
    const { deliveries, deliveriesFifo, fifoHold, config, attempts, delayNear, delayLevels, parked } = this.topics;
    const { deadLetters, commands, endpointState } = this.topics;
    const levels = delayLevels.map(({ topic }) => topic);
    const inputs = [deliveries, deliveriesFifo, fifoHold, config, endpointState];
    const names = [...inputs, attempts, delayNear, parked, deadLetters, commands, ...levels];
    const specs = topicSpecs(this.topics, { partitions: PARTITIONS, replication: 1, maxEventBytes: 1_048_576 });
    await this.admin.ensureTopics(specs.filter(({ name }) => names.includes(name)));
  }

  async createCompacted(name: string): Promise<void> {
    await this.admin.ensureTopics([
      { name, partitions: PARTITIONS, replication: 1, config: { 'cleanup.policy': 'compact' } },
    ]);
  }

  async configure(...documents: readonly ConfigDocument[]): Promise<void> {
    await this.write(...documents.map((document) => encodeConfigDocument(this.topics.config, document)));
  }

  async deliver(...deliveries: readonly Delivery[]): Promise<void> {
    await this.write(...deliveries.map((delivery) => encodeDelivery(this.topics.deliveries, delivery)));
  }

  async write(...records: readonly OutgoingRecord[]): Promise<void> {
    await this.producer.sendAll(records);
  }

  /** Starts a dispatcher; it is stopped at the end, if not before. */
  async start(log: RecordLog = this.log): Promise<RunningService> {
    const env = {
      HOOKSTREAM_KAFKA_BROKERS: testKafkaBrokers(),
      HOOKSTREAM_TOPIC_PREFIX: this.prefix,
      HOOKSTREAM_HOST: '127.0.0.1',
      HOOKSTREAM_PORT: '0',
      HOOKSTREAM_EGRESS_ALLOW: '127.0.0.0/8',
      HOOKSTREAM_ENCRYPTION_KEYS: `${ENCRYPTION_KEY.id}:${ENCRYPTION_KEY.key.toString('base64')}`,
    };
    const logger = { ...silent, child: () => logger };
    const service = await startService(
      { name: 'dispatcher', settings, module: (host) => DispatcherModule.of(host) },
      { env, log, logger },
    );
    this.services.push(service);
    return service;
  }

  async reports() {
    return (await this.read(this.topics.attempts)).map(decodeReport);
  }

  async deliveriesIn(topic: string) {
    return (await this.read(topic)).map(decodeDelivery);
  }

  /** Everything that was written to the delay topics, and is not in `deliveries` again. */
  async postponed(): Promise<readonly Delivery[]> {
    const { delayNear, delayLevels, parked } = this.topics;
    const topics = [delayNear, ...delayLevels.map(({ topic }) => topic), parked];
    return (await Promise.all(topics.map((topic) => this.deliveriesIn(topic)))).flat();
  }

  /** Deliveries of a subscription that wait for their next time. */
  async whereabouts(subscription: string): Promise<number> {
    const waiting = (await this.postponed()).filter((delivery) => delivery.subscription === subscription);
    return new Set(waiting.map(({ id }) => id)).size;
  }

  /** The last state of each endpoint that is not healthy. */
  async endpointStates(): Promise<Readonly<Record<string, EndpointState>>> {
    const states = new Map<string, EndpointState>();
    for (const record of await this.read(this.topics.endpointState)) {
      const state = decodeEndpointState(record);
      if (state) states.set(state.subscription, state);
      else states.delete(String(record.key));
    }
    return Object.fromEntries(states);
  }

  async deadLetters() {
    return (await this.read(this.topics.deadLetters)).map(decodeDeadLetter);
  }

  async read(topic: string): Promise<ConsumedRecord[]> {
    const all: ConsumedRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const onRecords = (records: readonly ConsumedRecord[]) => void all.push(...records);
      await this.ranges.readRange({ topic, partition, fromOffset: 0, onRecords });
    }
    return all;
  }

  /** Records of `deliveries` below the committed offsets, over all partitions. */
  async committedRecords(): Promise<number> {
    const committed = await this.committed();
    return committed.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
  }

  committed() {
    return this.admin.committed(`${this.prefix}dispatcher`, [this.topics.deliveries]);
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.stop();
    await this.producer.close();
    await this.ranges.close();
    await this.admin.close();
  }
}

/** Twenty seconds: a first join and a rebalance on a busy machine. */
export function soon<T>(probe: () => T | Promise<T>): Promise<T> {
  return eventually(probe, { timeoutMs: 20_000, intervalMs: 100 });
}
