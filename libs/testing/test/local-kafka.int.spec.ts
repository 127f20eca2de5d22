// Real: a Kafka of its own, beside the one of the run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LocalKafka } from '../src/local-kafka/local-kafka.js';

const TOPICS = 'org.apache.kafka.tools.TopicCommand';
const PRODUCER = 'org.apache.kafka.tools.ConsoleProducer';
const CONSUMER = 'org.apache.kafka.tools.consumer.ConsoleConsumer';

describe('LocalKafka', () => {
  let dataDir: string;
  let kafka: LocalKafka;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hookstream-local-kafka-'));
    kafka = await LocalKafka.start({ dataDir, heapMb: 256 });
  });
  afterAll(async () => {
    await kafka.kill();
    await rm(dataDir, { recursive: true, force: true });
  });
  const connection = () => ['--bootstrap-server', kafka.brokers];
  const read = (count: number) =>
    kafka.runTool(CONSUMER, [...connection(), '--topic', 'kept', '--from-beginning', '--max-messages', String(count)]);

  it('serves clients as soon as it has started', async () => {
    await kafka.runTool(TOPICS, [...connection(), '--create', '--topic', 'kept', '--partitions', '2']);
    expect(await kafka.runTool(TOPICS, [...connection(), '--list'])).toContain('kept');
  });

  it('keeps what was written over a SIGKILL and comes back on the same port', async () => {
    await kafka.runTool(PRODUCER, [...connection(), '--topic', 'kept'], 'one\n');
    const { brokers } = kafka;
    await kafka.kill();
    expect(kafka.pid).toBeUndefined();
    await kafka.start();
    expect(kafka.brokers).toBe(brokers);
    expect(await read(1)).toBe('one\n');
  });

  it('starts with the same data on other ports', async () => {
    await kafka.stop();
    const { port } = kafka;
    kafka = await LocalKafka.start({ dataDir, heapMb: 256 });
    expect(kafka.port).not.toBe(port);
    expect(await read(1)).toBe('one\n');
  });

  it('tells the end of the log when it cannot start', async () => {
    const other = LocalKafka.start({ dataDir: join(dataDir, 'other'), port: kafka.port });
    await expect(other).rejects.toThrow(/kafka ended before it was ready:[\s\S]*Address already in use/);
  });
});
