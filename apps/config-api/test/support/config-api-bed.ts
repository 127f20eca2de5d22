import { randomBytes } from 'node:crypto';
import {
  type ConfigDocument,
  type ConsumedRecord,
  decodeConfigDocument,
  topicNames,
  topicSpecs,
  type Topics,
} from '@hookstream/contracts';
import { connectDatabase, createDataSource } from '@hookstream/database';
import { connectKafka, type KafkaConnection, type LogAdmin } from '@hookstream/kafka';
import { createLogger, type RunningService, startService } from '@hookstream/service';
import { eventually, testDatabaseUrl, testKafkaBrokers } from '@hookstream/testing';
import { configApi } from '../../src/config-api.module.js';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed; read by `toMatchObject` and by `at`. */
  readonly json: unknown;
}

export interface Ask {
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: none. Default: the bootstrap key. */
  readonly key?: string | null;
}

/** config-api in this process, over a real broker and database, with topics and a schema of its own. */
export class ConfigApiBed {
  readonly id = randomBytes(4).toString('hex');
  readonly prefix = `config-api-${this.id}.`;
  readonly schema = `config_${this.id}`;
  readonly key = `hsk_${randomBytes(32).toString('hex')}`;
  readonly topics: Topics = topicNames(this.prefix);
  readonly log: KafkaConnection = connectKafka({
    brokers: testKafkaBrokers().split(','),
    clientId: `test-${this.id}`,
    logger: silent,
  });
  readonly admin: LogAdmin = this.log.admin();
  readonly lines: string[] = [];
  private readonly running = new Set<RunningService>();

  async makeTopics(): Promise<void> {
    const specs = topicSpecs(this.topics, { partitions: 2, replication: 1, maxEventBytes: 1_048_576 });
    await this.admin.ensureTopics(specs);
  }

  /** Resolves when it listens. */
  async listen(env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
    const service = await startService(configApi(), {
      env: {
        HOOKSTREAM_HOST: '127.0.0.1',
        HOOKSTREAM_PORT: '0',
        HOOKSTREAM_LOG_LEVEL: 'info',
        HOOKSTREAM_KAFKA_BROKERS: testKafkaBrokers(),
        HOOKSTREAM_TOPIC_PREFIX: this.prefix,
        HOOKSTREAM_DATABASE_URL: testDatabaseUrl(),
        HOOKSTREAM_DATABASE_SCHEMA: this.schema,
        HOOKSTREAM_BOOTSTRAP_API_KEY: this.key,
        HOOKSTREAM_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
        HOOKSTREAM_AUDIT_LOG_URL: 'http://127.0.0.1:1',
        ...env,
      },
      logger: createLogger({
        service: 'config-api',
        level: 'info',
        destination: { write: (line) => void this.lines.push(line) },
      }),
    });
    this.running.add(service);
    return service;
  }

  /** Resolves when it is ready. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
    const service = await this.listen(env);
    await eventually(
      async () => {
        const ready = await fetch(`${service.url}/readyz`);
        if (ready.status !== 200) throw new Error(await ready.text());
      },
      { timeoutMs: 30_000 },
    );
    return service;
  }

  async ask(service: RunningService, path: string, ask: Ask = {}): Promise<Answer> {
    const key = ask.key === undefined ? this.key : ask.key;
    const body = ask.json === undefined ? ask.body : JSON.stringify(ask.json);
    const answer = await fetch(service.url + path, {
      method: ask.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(ask.json !== undefined && { 'content-type': 'application/json' }),
        ...ask.headers,
      },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: answer.status, headers: answer.headers, text, json };
  }

  /** Everything on a topic, in order per partition. */
  async records(topic: string): Promise<ConsumedRecord[]> {
    const reader = this.log.ranges();
    const found: ConsumedRecord[] = [];
    try {
      for (const { partition } of await this.admin.startOffsets(topic)) {
        await reader.readRange({
          topic,
          partition,
          fromOffset: 0,
          onRecords: (records) => void found.push(...records),
        });
      }
    } finally {
      await reader.close();
    }
    return found;
  }

  /** The documents announced of one id, in the order they were written. */
  async documents(id: string): Promise<(ConfigDocument | null)[]> {
    const records = await this.records(this.topics.config);
    return records.filter(({ key }) => key?.toString() === id).map((record) => decodeConfigDocument(record));
  }

  /** All that was announced, in no particular order. */
  async configDocuments(): Promise<(ConfigDocument | null)[]> {
    return (await this.records(this.topics.config)).map((record) => decodeConfigDocument(record));
  }

  async stop(service: RunningService): Promise<void> {
    this.running.delete(service);
    await service.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((service) => this.stop(service)));
    const present = await this.admin.listTopics();
    await this.admin.deleteTopics(present.filter((name) => name.startsWith(this.prefix)));
    await this.admin.close();
    await this.query(`DROP SCHEMA IF EXISTS "${this.schema}" CASCADE`);
  }

  /** Of its tables, by a connection of its own. */
  async query(sql: string): Promise<unknown> {
    const dataSource = createDataSource(
      { url: testDatabaseUrl(), schema: this.schema, applicationName: 'test' },
      { migrations: [] },
    );
    await connectDatabase(dataSource, { logger: silent });
    try {
      return await dataSource.query<unknown>(sql);
    } finally {
      await dataSource.destroy();
    }
  }
}

/** A member of an answer, however deep: `at(answer.json, 'signing', 'secret')`. */
export function at(json: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    json,
  );
}

export function textAt(json: unknown, ...path: readonly string[]): string {
  return String(at(json, ...path));
}
