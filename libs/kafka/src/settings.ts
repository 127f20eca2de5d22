import { type ConnectionOptions } from 'node:tls';
import { type Logger } from './ports.js';

export interface KafkaSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SaslSettings;
  readonly logger: Logger;
  /** Milliseconds, default 3,000. */
  readonly connectionTimeoutMs?: number;
  /** Milliseconds, default 15,000. */
  readonly requestTimeoutMs?: number;
}

export interface SaslSettings {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}
