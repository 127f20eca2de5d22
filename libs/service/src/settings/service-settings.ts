import { readFileSync } from 'node:fs';
import { DEFAULT_TOPIC_PREFIX } from '@hookstream/contracts';
import { type KafkaSettings, type Logger } from '@hookstream/kafka';
import { z } from 'zod';
import { FAIL_POINT_FORM } from '../fail-points/fail-points.js';
import { duration, flag, integer, list, oneOf, secret, text } from './setting-types.js';
import { SettingsError } from './settings-error.js';

/** The settings every service has; spread them into the service's own `z.object({...serviceSettings({port}), …})`. */
export function serviceSettings(defaults: { readonly port: number }) {
  return {
    HOST: text().prefault('0.0.0.0').meta({ description: 'Address the HTTP server listens on' }),
    PORT: integer({ min: 0, max: 65_535 })
      .prefault(String(defaults.port))
      .meta({ description: 'Port of the HTTP server; 0 takes a free one' }),
    LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error'])
      .prefault('info')
      .meta({ description: 'Least severe log lines written' }),
    KAFKA_BROKERS: list()
      .pipe(z.array(z.string().regex(/^[^\s/]+:\d+$/, 'must be host:port[,host:port…]')).min(1, 'must name a broker'))
      .meta({ description: 'Kafka brokers to begin with, host:port, separated by commas' }),
    KAFKA_SSL: flag().prefault('false').meta({ description: 'Whether Kafka is reached by TLS' }),
    KAFKA_SSL_CA_FILE: text()
      .optional()
      .meta({ description: 'PEM file of the authority that signed the brokers’ certificates' }),
    KAFKA_SASL_MECHANISM: oneOf(['plain', 'scram-sha-256', 'scram-sha-512'])
      .optional()
      .meta({ description: 'How to log in to Kafka; none when unset' }),
    KAFKA_SASL_USERNAME: text().optional().meta({ description: 'User for Kafka' }),
    KAFKA_SASL_PASSWORD: secret().optional().meta({ description: 'Password for Kafka', secret: true }),
    TOPIC_PREFIX: z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,100}$/, 'may hold letters, digits, ".", "_" and "-" only')
      .prefault(DEFAULT_TOPIC_PREFIX)
      .meta({ description: 'What the names of all internal topics begin with; the same for all services' }),
    SHUTDOWN_TIMEOUT: duration({ min: '1s', max: '10m' })
      .prefault('35s')
      .meta({ description: 'How long a stopping service may finish what it has begun; then it exits with 1' }),
    FAIL_POINT: text()
      .regex(FAIL_POINT_FORM, 'must be <service>.<step>:<pass>, such as router.batch-routed:3')
      .optional()
      .meta({ description: 'For tests of crashes: where the process kills itself; refused unless NODE_ENV is test' }),
  };
}

/** What `serviceSettings` reads to; a service's own settings extend it. */
export type ServiceSettings = z.output<z.ZodObject<ReturnType<typeof serviceSettings>>>;

/** @throws SettingsError when the login is only half given or the certificate cannot be read */
export function kafkaSettingsOf(settings: ServiceSettings, clientId: string, logger: Logger): KafkaSettings {
  const sasl = saslOf(settings);
  return {
    brokers: settings.KAFKA_BROKERS,
    clientId,
    logger,
    ssl: sslOf(settings),
    ...(sasl && { sasl }),
  };
}

function saslOf(settings: ServiceSettings): KafkaSettings['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (mechanism === undefined && username === undefined && password === undefined) return undefined;
  if (mechanism !== undefined && username !== undefined && password !== undefined)
    return { mechanism, username, password };
  throw new SettingsError([
    'HOOKSTREAM_KAFKA_SASL_MECHANISM, HOOKSTREAM_KAFKA_SASL_USERNAME and HOOKSTREAM_KAFKA_SASL_PASSWORD belong together: set all three or none',
  ]);
}

function sslOf(settings: ServiceSettings): NonNullable<KafkaSettings['ssl']> {
  if (!settings.KAFKA_SSL || settings.KAFKA_SSL_CA_FILE === undefined) return settings.KAFKA_SSL;
  try {
    return { ca: [readFileSync(settings.KAFKA_SSL_CA_FILE, 'utf8')] };
  } catch {
    throw new SettingsError([
      'HOOKSTREAM_KAFKA_SSL_CA_FILE cannot be read: give the path of a PEM file this user may read',
    ]);
  }
}
