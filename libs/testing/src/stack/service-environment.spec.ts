import { describe, expect, it } from '@jest/globals';
import { serviceEnvironment } from './service-environment.js';
import { DEFAULT_PORTS, SERVICE_NAMES, type ServiceName } from './service-names.js';

const settings = { brokers: 'b:1', databaseUrl: 'postgresql://d', apiKey: 'key', encryptionKeys: 'k1:AAAA' };
const environment = (name: ServiceName, inherited = {}) => serviceEnvironment(name, settings, DEFAULT_PORTS, inherited);
const servicesWith = (variable: string, inherited = {}) =>
  SERVICE_NAMES.filter((name) => variable in environment(name, inherited));

describe('serviceEnvironment', () => {
  it('gives the database to config-api and audit-log only, whatever the parent has in its environment', () => {
    const parent = { HOOKSTREAM_DATABASE_URL: 'postgresql://parent', PATH: '/bin' };
    expect(servicesWith('HOOKSTREAM_DATABASE_URL', parent)).toEqual(['config-api', 'audit-log']);
    expect(environment('audit-log', parent)).toMatchObject({ HOOKSTREAM_DATABASE_URL: 'postgresql://d', PATH: '/bin' });
  });

  it('gives the key that opens secrets to those who seal or use them', () => {
    expect(servicesWith('HOOKSTREAM_ENCRYPTION_KEYS')).toEqual(['config-api', 'dispatcher']);
  });

  it('tells config-api where the log listens', () => {
    expect(environment('config-api')).toMatchObject({ HOOKSTREAM_AUDIT_LOG_URL: 'http://127.0.0.1:8084' });
  });

  it('lets the settings of one service win over those of all', () => {
    const more = { ...settings, env: { A: 'all', B: 'all' }, serviceEnv: { router: { B: 'router' } } };
    expect(serviceEnvironment('router', more, DEFAULT_PORTS, {})).toMatchObject({ A: 'all', B: 'router' });
  });
});
