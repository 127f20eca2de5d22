import { createHash, randomBytes } from 'node:crypto';
import {
  decodeCommand,
  encodeConfigDocument,
  topicNames,
  topicSpecs,
  type ApiKeyDocument,
  type Command,
  type ConfigDocument,
  type ConsumedRecord,
  type OutgoingRecord,
} from '@hookstream/contracts';
import { connectKafka, type KafkaConnection, type RecordLog, type RecordProducer } from '@hookstream/kafka';
import { createLogger, startService, type RunningService } from '@hookstream/service';
import { eventually, testDatabaseUrl, testKafkaBrokers } from '@hookstream/testing';
import { AuditLogModule } from '../../src/audit-log.module.js';
import { settings } from '../../src/config.js';
import { TestLog } from './test-log.js';

const PARTITIONS = 2;

/** Keys of each kind, in force from the start. */
export const KEYS = {
  platform: 'hsk_platform',
  acme: 'hsk_acme',
  editor: 'hsk_editor',
  viewer: 'hsk_viewer',
  stranger: 'hsk_stranger',
  producer: 'hsk_producer',
  expired: 'hsk_expired',
} as const;

export interface StartOptions {
  readonly log?: RecordLog;
  readonly databaseUrl?: string;
  readonly smtpUrl?: string;
}

/** audit-log inside this process, over topics, a group and a schema of its own. */
export class TestService {
  readonly prefix = `al${randomBytes(4).toString('hex')}.`;
  readonly topics = topicNames(this.prefix);
  readonly group = `${this.prefix}audit-log`;
  readonly logger = createLogger({ service: 'audit-log-test', level: 'error' });
  readonly kafka: KafkaConnection;
  readonly producer: RecordProducer;
  #running: RunningService | undefined;

  private constructor(readonly log: TestLog) {
    this.kafka = connectKafka({
      brokers: testKafkaBrokers().split(','),
      clientId: 'audit-log-test',
      logger: this.logger,
    });
    this.producer = this.kafka.producer();
  }

  static async create(): Promise<TestService> {
    const service = new TestService(await TestLog.create());
    await service.admin((admin) =>
      admin.ensureTopics(
        topicSpecs(service.topics, { partitions: PARTITIONS, replication: 1, maxEventBytes: 1_048_576 }),
      ),
    );
    await service.configure(
      key('platform', null),
      key('acme', 'org_acme'),
      { ...key('editor', 'org_acme'), role: 'editor', grants: ['edit'] },
      { ...key('viewer', 'org_acme'), role: 'viewer' },
      key('stranger', 'org_default'),
      { ...key('producer', null), role: 'producer' },
      { ...key('expired', null), expiresAtMs: 1 },
      { kind: 'organization', id: 'org_acme', version: 1, name: 'Acme', externalId: 'acme-1' },
      { kind: 'organization', id: 'org_default', version: 1, name: 'Default', externalId: null },
    );
    return service;
  }

  /** Does nothing while it runs. */
  async start({ log, smtpUrl, databaseUrl = testDatabaseUrl() }: StartOptions = {}): Promise<void> {
    if (this.#running) return;
    const env = {
      HOOKSTREAM_HOST: '127.0.0.1',
      HOOKSTREAM_PORT: '0',
      HOOKSTREAM_KAFKA_BROKERS: testKafkaBrokers(),
      HOOKSTREAM_TOPIC_PREFIX: this.prefix,
      HOOKSTREAM_DATABASE_URL: databaseUrl,
      HOOKSTREAM_LOG_DATABASE_SCHEMA: this.log.schema,
      HOOKSTREAM_LOG_RETENTION_DAYS: '3650',
      HOOKSTREAM_HEALTH_CHECK_INTERVAL: '100ms',
      ...(smtpUrl && { HOOKSTREAM_SMTP_URL: smtpUrl, HOOKSTREAM_SMTP_FROM: 'Hookstream <hooks@example.com>' }),
    };
    this.#running = await startService(
      { name: 'audit-log', settings, module: (host) => AuditLogModule.of(host) },
      { env, logger: this.logger, ...(log && { log }) },
    );
    await this.ready();
  }

  async ready(): Promise<void> {
    await eventually(async () => {
      const answer = await fetch(`${this.url}/readyz`);
      if (!answer.ok) throw new Error(await answer.text());
    });
  }

  get url(): string {
    if (!this.#running) throw new Error('the service does not run');
    return this.#running.url;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }

  async send(...records: readonly OutgoingRecord[]): Promise<void> {
    await this.producer.sendAll(records);
  }

  async configure(...documents: readonly ConfigDocument[]): Promise<void> {
    await this.send(...documents.map((document) => encodeConfigDocument(this.topics.config, document)));
  }

  /** Everything that was asked of config-api. */
  async commands(): Promise<readonly Command[]> {
    const ranges = this.kafka.ranges();
    const commands: Command[] = [];
    try {
      await ranges.readRange({
        ...{ topic: this.topics.commands, partition: 0, fromOffset: 0 },
        onRecords: (records) => void commands.push(...records.map(decodeCommand)),
      });
    } finally {
      await ranges.close();
    }
    return commands;
  }

  /** @returns status and parsed body */
  get(path: string, secret: string | null = KEYS.platform) {
    return this.request('GET', path, secret === null ? {} : { authorization: `Bearer ${secret}` });
  }

  /** @returns status and parsed body */
  post(path: string, secret: string = KEYS.platform, headers: Readonly<Record<string, string>> = {}) {
    return this.request('POST', path, { ...headers, authorization: `Bearer ${secret}` });
  }

  private async request(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const answer = await fetch(`${this.url}${path}`, { method, headers });
    const text = await answer.text();
    const body: unknown = JSON.parse(text);
    return { status: answer.status, type: answer.headers.get('content-type'), text, body };
  }

  /** Resolves when every record of the topics is committed. */
  async caughtUp(topics: readonly string[]): Promise<void> {
    await this.admin((admin) =>
      eventually(async () => {
        const committed = await admin.committed(this.group, topics);
        for (const topic of topics) {
          for (const { partition, offset } of await admin.endOffsets(topic)) {
            const at = committed.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0;
            if (at < offset) throw new Error(`${topic}/${partition} is committed to ${at} of ${offset}`);
          }
        }
      }),
    );
  }

  /** Everything a topic holds. */
  async read(topic: string): Promise<ConsumedRecord[]> {
    const records: ConsumedRecord[] = [];
    const ranges = this.kafka.ranges();
    const onRecords = (some: readonly ConsumedRecord[]) => void records.push(...some);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await ranges.readRange({ topic, partition, fromOffset: 0, onRecords });
    }
    await ranges.close();
    return records;
  }

  async dispose(): Promise<void> {
    await this.stop();
    await this.producer.close();
    await this.log.drop();
  }

  async admin<T>(work: (admin: ReturnType<KafkaConnection['admin']>) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }
}

function key(name: keyof typeof KEYS, organization: ApiKeyDocument['organization']): ApiKeyDocument {
  const hash = createHash('sha256').update(KEYS[name]).digest('hex');
  return {
    kind: 'api-key',
    id: `key_${name}`,
    version: 1,
    organization,
    role: 'admin',
    grants: [],
    hash,
    expiresAtMs: null,
  };
}
