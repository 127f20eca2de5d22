import { DEFAULT_MAX_EVENT_BYTES } from '@hookstream/contracts';
import { bytes, duration, integer, secret, serviceSettings, text } from '@hookstream/service';
import { z } from 'zod';

/** Where the tables are; also what `migrate` reads. */
export const databaseSettings = {
  DATABASE_URL: secret()
    .regex(/^postgres(?:ql)?:\/\//, 'must begin with postgres://')
    .meta({ description: 'PostgreSQL, postgres://user:password@host:port/database', secret: true }),
  LOG_DATABASE_SCHEMA: text()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and "_"')
    .prefault('log')
    .meta({ description: 'Schema of this service; made by its migrations' }),
};

export const settings = z.object({
  ...serviceSettings({ port: 8084 }),
  ...databaseSettings,
  LOG_DATABASE_POOL_SIZE: integer({ min: 2, max: 200 })
    .prefault('10')
    .meta({ description: 'Connections to PostgreSQL at most; one writes, the others answer' }),
  LOG_RETENTION_DAYS: integer({ min: 1, max: 3_650 })
    .prefault('30')
    .meta({ description: 'Whole days, besides today, that an event and all about it are kept', unit: 'days' }),
  LOG_LINGER: duration({ min: '0ms', max: '5s' }).prefault('100ms').meta({
    description:
      'How long records wait for others to be written with: a state that is passed within it is never written',
  }),
  LOG_HOLD_PENDING: duration({ min: '0ms', max: '5s' }).prefault('1s').meta({
    description:
      'How long a delivery that was routed waits for its end, so that it is written once, and up to five times as long while a backlog is worked off; if the end comes later, the delivery is written as pending first',
  }),
  LOG_FLUSH_ROWS: integer({ min: 100, max: 100_000 })
    .prefault('5000')
    .meta({ description: 'Rows of one transaction, roughly; so many are written at once', unit: 'rows' }),
  LOG_FLUSH_BYTES: bytes({ min: 65_536, max: 268_435_456 })
    .prefault('16MiB')
    .meta({ description: 'Bytes of one transaction, roughly' }),
  HEALTH_CHECK_INTERVAL: duration({ min: '100ms', max: '1h' }).prefault('30s').meta({
    description: 'How often endpoints that fail are looked at, to be warned of or deactivated by their `onFailure`',
  }),
  SMTP_URL: secret()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional()
    .meta({
      description:
        'Where e-mails about endpoints that fail are sent: smtp://user:password@host:port, or smtps://… for TLS from the start. Not set: no e-mails',
      secret: true,
    }),
  SMTP_FROM: text()
    .regex(/^[^\r\n]+@[^\r\n]+$/, 'must be an e-mail address')
    .optional()
    .meta({ description: 'Sender of e-mails, such as "Hookstream <hookstream@example.com>"; needed with SMTP_URL' }),
  MAX_EVENT_BYTES: bytes({ min: 1_024 })
    .prefault(String(DEFAULT_MAX_EVENT_BYTES))
    .meta({ description: 'Largest data of an event; the same for all services' }),
});

export type Settings = z.output<typeof settings>;
