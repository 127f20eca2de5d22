import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { describeSettings } from './describe-settings.js';
import { loadSettings } from './load-settings.js';
import { kafkaSettingsOf, serviceSettings } from './service-settings.js';
import { bytes, duration, flag, integer, list, oneOf, secret } from './setting-types.js';
import { SettingsError } from './settings-error.js';

const schema = z.object({
  ...serviceSettings({ port: 8_081 }),
  WINDOW: duration({ min: '1s', max: '1h' }).prefault('5s').meta({ description: 'How long' }),
  MASTER_KEY: secret()
    .regex(/^[0-9a-f]+$/, 'must be hexadecimal')
    .optional()
    .meta({ description: 'The key' }),
});

const required = { HOOKSTREAM_KAFKA_BROKERS: 'one:9092, two:9092' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadSettings(schema, env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('loadSettings', () => {
  it('reads prefixed variables and fills in defaults', () => {
    const { settings, warnings } = loadSettings(schema, { ...required, HOOKSTREAM_WINDOW: '2m', PATH: '/bin' });
    expect(settings).toMatchObject({ PORT: 8_081, WINDOW: 120_000, SHUTDOWN_TIMEOUT: 35_000, LOG_LEVEL: 'info' });
    expect(settings.KAFKA_BROKERS).toEqual(['one:9092', 'two:9092']);
    expect(warnings).toEqual([]);
  });

  it('lists every missing and bad variable, one line each, with the remedy', () => {
    expect(problemsOf({ HOOKSTREAM_WINDOW: '2h', HOOKSTREAM_PORT: 'http', HOOKSTREAM_LOG_LEVEL: 'loud' })).toEqual([
      'HOOKSTREAM_PORT: "http" must be a whole number (Port of the HTTP server; 0 takes a free one)',
      'HOOKSTREAM_LOG_LEVEL: "loud" must be one of debug, info, warn, error (Least severe log lines written)',
      'HOOKSTREAM_KAFKA_BROKERS is missing: set it (Kafka brokers to begin with, host:port, separated by commas)',
      'HOOKSTREAM_WINDOW: "2h" must be at most 1h (How long)',
    ]);
  });

  it('counts an empty variable as not set', () => {
    expect(problemsOf({ HOOKSTREAM_KAFKA_BROKERS: '' })).toHaveLength(1);
    expect(loadSettings(schema, { ...required, HOOKSTREAM_PORT: '' }).settings.PORT).toBe(8_081);
  });

  it('never prints the value of a secret', () => {
    const [problem] = problemsOf({ ...required, HOOKSTREAM_MASTER_KEY: 'hunter2' });
    expect(problem).toBe('HOOKSTREAM_MASTER_KEY: its value must be hexadecimal (The key)');
  });

  it('warns of unknown variables and names the nearest known one', () => {
    const env = { ...required, HOOKSTREAM_SHUTDOWN_TIMOUT: '1s', HOOKSTREAM_DATABASE_URL: 'postgres://' };
    expect(loadSettings(schema, env).warnings).toEqual([
      'HOOKSTREAM_SHUTDOWN_TIMOUT is not a setting of this service; did you mean HOOKSTREAM_SHUTDOWN_TIMEOUT?',
      'HOOKSTREAM_DATABASE_URL is not a setting of this service',
    ]);
  });
});

describe('kafkaSettingsOf', () => {
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const connect = (env: Record<string, string>) =>
    kafkaSettingsOf(loadSettings(schema, { ...required, ...env }).settings, 'router', logger);

  it('takes a whole login', () => {
    const sasl = { MECHANISM: 'scram-sha-512', USERNAME: 'me', PASSWORD: 'secret' };
    const env = Object.fromEntries(Object.entries(sasl).map(([key, value]) => [`HOOKSTREAM_KAFKA_SASL_${key}`, value]));
    expect(connect(env)).toMatchObject({
      brokers: ['one:9092', 'two:9092'],
      clientId: 'router',
      ssl: false,
      sasl: { mechanism: 'scram-sha-512', username: 'me', password: 'secret' },
    });
    expect(connect({}).sasl).toBeUndefined();
  });

  it('refuses half a login and an unreadable certificate', () => {
    expect(() => connect({ HOOKSTREAM_KAFKA_SASL_USERNAME: 'me' })).toThrow('belong together');
    expect(() => connect({ HOOKSTREAM_KAFKA_SSL: 'true', HOOKSTREAM_KAFKA_SSL_CA_FILE: '/nowhere.pem' })).toThrow(
      'cannot be read',
    );
  });
});

describe('setting types', () => {
  it.each([
    ['64KiB', 65_536, bytes()],
    ['1 MiB', 1_048_576, bytes()],
    ['12', 12, bytes()],
    ['500ms', 500, duration()],
    ['-3', -3, integer()],
    [' a, ,b', ['a', 'b'], list()],
    ['false', false, flag()],
    ['b', 'b', oneOf(['a', 'b'])],
  ])('reads %j as %j', (written, value, type) => {
    expect(type.parse(written)).toEqual(value);
  });

  it.each([
    ['11', 'must be at most 10 bytes', bytes({ max: 10 })],
    ['1MB', 'must be a size such as', bytes()],
    ['999ms', 'must be at least 1s', duration({ min: '1s' })],
    ['5', 'must be a duration such as', duration()],
    ['0', 'must be at least 1', integer({ min: 1 })],
    ['1.5', 'must be a whole number', integer()],
    ['yes', 'must be true or false', flag()],
  ])('refuses %j: %s', (written, message, type) => {
    expect(type.safeParse(written).error?.issues[0]?.message).toContain(message);
  });
});

describe('describeSettings', () => {
  it('tells meaning, unit, default and secrecy of each setting', () => {
    const described = new Map(describeSettings(schema).map((description) => [description.variable, description]));
    expect(described.get('HOOKSTREAM_WINDOW')).toEqual({
      variable: 'HOOKSTREAM_WINDOW',
      description: 'How long',
      unit: 'duration',
      default: '5s',
      required: false,
      secret: false,
    });
    expect(described.get('HOOKSTREAM_KAFKA_BROKERS')).toMatchObject({ required: true, unit: 'list' });
    expect(described.get('HOOKSTREAM_MASTER_KEY')).toMatchObject({ secret: true, required: false, default: undefined });
    expect(described.get('HOOKSTREAM_KAFKA_SASL_PASSWORD')).toMatchObject({ secret: true });
  });
});
