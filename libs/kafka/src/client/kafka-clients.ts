import kafkajs, { type KafkaConfig, type RetryOptions, type SASLOptions } from 'kafkajs';
import { registerCodecs } from '../codecs/codecs.js';
import { type KafkaSettings, type SaslSettings } from '../settings.js';
import { clientLogCreator } from './client-logger.js';
import { replaceRecordFormat } from './record-format.js';
import { guardRequestQueue } from './request-queue-guard.js';

type Kafka = InstanceType<typeof kafkajs.Kafka>;

/** Short: whoever uses a client retries by itself, with its own deadline and its own words. */
const RETRY: RetryOptions = { initialRetryTime: 100, factor: 0.2, multiplier: 2, maxRetryTime: 1_000, retries: 4 };

/** Makes kafkajs clients that log through us, sleep while idle and speak all codecs. */
export class KafkaClients {
  readonly retry = RETRY;
  readonly #config: KafkaConfig;

  constructor(settings: KafkaSettings) {
    registerCodecs();
    guardRequestQueue();
    replaceRecordFormat();
    const { ssl, sasl } = settings;
    this.#config = {
      brokers: [...settings.brokers],
      clientId: settings.clientId,
      connectionTimeout: settings.connectionTimeoutMs ?? 3_000,
      requestTimeout: settings.requestTimeoutMs ?? 15_000,
      retry: RETRY,
      logLevel: kafkajs.logLevel.INFO,
      logCreator: clientLogCreator(settings.logger),
      ...(ssl !== undefined && { ssl }),
      ...(sasl !== undefined && { sasl: saslOptions(sasl) }),
    };
  }

  /** A client of its own for each user: kafkajs shares committed offsets among the consumers of one client. */
  kafka(): Kafka {
    return new kafkajs.Kafka(this.#config);
  }
}

function saslOptions({ mechanism, ...credentials }: SaslSettings): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...credentials };
    case 'scram-sha-256':
      return { mechanism, ...credentials };
    case 'scram-sha-512':
      return { mechanism, ...credentials };
  }
}
