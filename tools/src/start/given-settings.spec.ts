import { describe, expect, it } from '@jest/globals';
import { brokerAddresses, readGivenSettings } from './given-settings.js';

describe('readGivenSettings', () => {
  it('takes what is set and leaves out what is empty', () => {
    const env = { HOOKSTREAM_KAFKA_BROKERS: '', HOOKSTREAM_TOPIC_PARTITIONS: '48', PATH: '/bin' };
    expect(readGivenSettings(env)).toEqual({ HOOKSTREAM_TOPIC_PARTITIONS: 48 });
  });

  it('names a setting that cannot be used', () => {
    expect(readGivenSettings({ HOOKSTREAM_DATABASE_URL: 'mysql://host/db' })).toMatch(/^HOOKSTREAM_DATABASE_URL: /);
  });
});

describe('brokerAddresses', () => {
  it('reads hosts, ports and IPv6 addresses', () => {
    expect(brokerAddresses('kafka-1:9093, kafka-2,[::1]:9094')).toEqual([
      { host: 'kafka-1', port: 9093 },
      { host: 'kafka-2', port: 9092 },
      { host: '::1', port: 9094 },
    ]);
  });
});
