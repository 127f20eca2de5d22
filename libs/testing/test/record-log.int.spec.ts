// Real: Kafka, kafkajs behind the ports.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { connectKafka, type RecordLog } from '@hookstream/kafka';
import { recordLogCases, testKafkaBrokers } from '../src/index.js';

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const prefix = `conformance-${randomUUID().slice(0, 8)}`;

describe('the Kafka log', () => {
  let log: RecordLog;
  let names = 0;
  const uniqueName = () => `${prefix}.${names++}`;
  beforeAll(() => {
    log = connectKafka({ brokers: testKafkaBrokers().split(','), clientId: prefix, logger });
  });
  afterAll(async () => {
    const admin = log.admin();
    await admin.deleteTopics((await admin.listTopics()).filter((topic) => topic.startsWith(prefix)));
    await admin.close();
  });

  it.each(recordLogCases)('$claim', async ({ verify }) => {
    await verify({ log, uniqueName });
  });
});
