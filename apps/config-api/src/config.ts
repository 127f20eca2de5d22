import { DEFAULT_MAX_EVENT_BYTES, parseEncryptionKeys } from '@hookstream/contracts';
import { bytes, duration, integer, secret, serviceSettings, text } from '@hookstream/service';
import { z } from 'zod';
import { isApiKey } from './core/api-keys/api-key-secret.js';

/** Where the tables are; also what `migrate` reads. */
export const databaseSettings = {
  DATABASE_URL: secret()
    .regex(/^postgres(?:ql)?:\/\//, 'must begin with postgres://')
    .meta({ description: 'PostgreSQL, postgres://user:password@host:port/database', secret: true }),
  DATABASE_SCHEMA: text()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and "_"')
    .prefault('config')
    .meta({ description: 'Schema of this service; made by its migrations' }),
};

/** What seals secrets; also what `rotate-key` reads. */
export const encryptionSettings = {
  ENCRYPTION_KEYS: secret()
    .transform((written, context) => {
      try {
        return parseEncryptionKeys(written);
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : 'cannot be read');
        return z.NEVER;
      }
    })
    .meta({
      description: 'Keys that seal secrets, <id>:<base64 of 32 bytes>, separated by commas, the current one first',
      secret: true,
    }),
};

/** How topics are made; read by `topics`. */
export const topicSettings = {
  TOPIC_PARTITIONS: integer({ min: 1, max: 1_024 })
    .prefault('12')
    .meta({ description: 'Partitions of the topics that are keyed by subscription; can never change afterwards' }),
  TOPIC_REPLICATION: integer({ min: 1, max: 16 })
    .prefault('1')
    .meta({ description: 'Replicas of each topic; 3 in production' }),
  MAX_EVENT_BYTES: bytes({ min: 1_024 })
    .prefault(String(DEFAULT_MAX_EVENT_BYTES))
    .meta({ description: 'Largest data of an event; the same for all services' }),
};

const httpUrl = (description: string) =>
  text()
    .regex(/^https?:\/\/[^\s/]+(?:\/[^\s]*)?$/, 'must be an http or https URL')
    .meta({ description });

export const settings = z.object({
  ...serviceSettings({ port: 8080 }),
  ...databaseSettings,
  DATABASE_POOL_SIZE: integer({ min: 2, max: 200 })
    .prefault('10')
    .meta({ description: 'Connections to PostgreSQL at most' }),
  ...topicSettings,
  AUDIT_LOG_URL: httpUrl('Where audit-log listens; the paths of the log are forwarded there').prefault(
    'http://127.0.0.1:8084',
  ),
  AUDIT_LOG_TIMEOUT: duration({ min: '1s', max: '10m' })
    .prefault('30s')
    .meta({ description: 'How long audit-log may take to begin its answer' }),
  PUBLIC_URL: httpUrl(
    'Origin under which callers reach this API; named in the OpenAPI document, its host to endpoints with `validationHandshake`',
  ).prefault('http://127.0.0.1:8080'),
  BOOTSTRAP_API_KEY: secret()
    .refine(isApiKey, 'must be "hsk_" and 32 to 128 letters and digits, made at random')
    .optional()
    .meta({ description: 'A platform-wide key that is valid from the first start on', secret: true }),
  ...encryptionSettings,
  AUDIT_TRAIL_RETENTION: duration({ min: '1d', max: '3650d' })
    .prefault('400d')
    .meta({ description: 'How long entries of the audit trail are kept' }),
  CONFIG_RECONCILE_INTERVAL: duration({ min: '1s', max: '7d' })
    .prefault('10m')
    .meta({ description: 'How often the config topic is compared with the database, and repaired where it differs' }),
  EVENT_WRITE_TIMEOUT: duration({ min: '100ms', max: '1m' })
    .prefault('5s')
    .meta({ description: 'How long POST /v1/events waits for Kafka before it answers 503' }),
});

export type Settings = z.output<typeof settings>;
