import { Controller, Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { connectKafka, type KafkaConnection, type RecordBatch } from '@hookstream/kafka';
import { type OutgoingRecord } from '@hookstream/contracts';
import { z } from 'zod';
import {
  BatchPattern,
  createLogger,
  serviceSettings,
  startService,
  type RunningService,
  type ServiceHost,
} from '../../src/index.js';

@Module({})
class TestModule {}

/** What the handlers of one service saw, and what they are to do first. */
export class Seen {
  readonly batches: RecordBatch[] = [];
  before: (batch: RecordBatch) => Promise<void> | void = () => undefined;

  get values(): readonly (string | undefined)[] {
    return this.batches.flatMap(({ records }) => records.map(({ value }) => value?.toString()));
  }
}

/** A controller with one handler for the pattern `things`. */
function thingsController(seen: Seen) {
  @Controller()
  class ThingsController {
    @BatchPattern('things')
    async onBatch(batch: RecordBatch): Promise<void> {
      await seen.before(batch);
      seen.batches.push(batch);
    }
  }
  return ThingsController;
}

function brokersOfTheRun(): string {
  const brokers = process.env['HOOKSTREAM_TEST_KAFKA_BROKERS'];
  if (brokers === undefined) throw new Error('HOOKSTREAM_TEST_KAFKA_BROKERS is not set: run by jest.int.config.mjs');
  return brokers;
}

/** Real Kafka and real HTTP; one topic prefix per bed, and `close` takes down all that was opened through it. */
export class ServiceTestBed {
  readonly prefix = `t${randomUUID().slice(0, 8)}.`;
  readonly brokers = brokersOfTheRun();
  readonly lines: string[] = [];
  readonly #logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line) => void this.lines.push(line) },
  });
  readonly #kafka: KafkaConnection = connectKafka({
    brokers: this.brokers.split(','),
    clientId: 'test',
    logger: createLogger({ service: 'test', level: 'error', destination: { write: () => undefined } }),
  });
  readonly #admin = this.#kafka.admin();
  readonly #producer = this.#kafka.producer({ ordered: true });
  readonly #running: RunningService[] = [];
  readonly #topics: string[] = [];

  async topic(name: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = this.prefix + name;
    await this.#admin.ensureTopics([{ name: topic, partitions, replication: 1, config }]);
    this.#topics.push(topic);
    return topic;
  }

  async produce(...records: OutgoingRecord[]): Promise<void> {
    await this.#producer.sendAll(records);
  }

  values(topic: string, values: readonly string[]): Promise<void> {
    return this.produce(...values.map((value) => ({ topic, key: null, value: Buffer.from(value) })));
  }

  /** Next offset of partition 0 as the group has stored it. */
  async committed(groupId: string, topic: string): Promise<number | undefined> {
    return (await this.#admin.committed(groupId, [topic]))[0]?.offset;
  }

  async start(
    compose: (host: ServiceHost) => Seen,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<RunningService> {
    const env = {
      HOOKSTREAM_KAFKA_BROKERS: this.brokers,
      HOOKSTREAM_HOST: '127.0.0.1',
      HOOKSTREAM_PORT: '0',
      HOOKSTREAM_TOPIC_PREFIX: this.prefix,
      ...variables,
    };
    const definition = {
      name: 'test',
      settings: z.object(serviceSettings({ port: 0 })),
      module: (host: ServiceHost) => ({ module: TestModule, controllers: [thingsController(compose(host))] }),
    };
    const running = await startService(definition, { env, logger: this.#logger });
    this.#running.push(running);
    return running;
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((service) => service.stop()));
    await this.#producer.close();
    await this.#admin.deleteTopics(this.#topics);
    await this.#admin.close();
  }
}

export async function readyz(service: RunningService): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${service.url}/readyz`);
  return { status: answer.status, text: await answer.text() };
}
