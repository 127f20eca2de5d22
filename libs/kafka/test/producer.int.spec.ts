// Real: Kafka, kafkajs.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConsumedRecord } from '@hookstream/contracts';
import { RecordTooLargeError, TransientKafkaError, type ProduceInfo } from '../src/index.js';
import { KafkaTestBed, outgoing, text } from './support/kafka-test-bed.js';

const bed = new KafkaTestBed();
afterAll(() => bed.close());

async function readAll(topic: string, partition = 0): Promise<readonly ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  const ranges = bed.connection.ranges();
  await ranges.readRange({ topic, partition, fromOffset: 0, onRecords: (some) => void records.push(...some) });
  await ranges.close();
  return records;
}

describe('the batching producer', () => {
  it('tells each record where it lies, and puts many into one send', async () => {
    const topic = await bed.topic('positions', 3);
    const sends: ProduceInfo[] = [];
    const producer = bed.producer({ onProduce: (info) => sends.push(info) });
    await producer.start();
    const positions = await Promise.all(
      Array.from({ length: 300 }, (_, i) => producer.send(outgoing(topic, `v${i}`, { key: `k${i % 20}` }))),
    );
    await producer.flush();
    expect(sends.length).toBeLessThan(10);
    expect(sends.reduce((sum, send) => sum + send.records, 0)).toBe(300);
    for (const partition of [0, 1, 2]) {
      for (const record of await readAll(topic, partition)) {
        const index = Number(text(record)?.slice(1));
        expect(positions[index]).toEqual({ partition, offset: record.offset });
      }
    }
  });

  it('keeps the order per partition when asked to, over many sends', async () => {
    const topic = await bed.topic('ordered');
    const producer = bed.producer({ ordered: true, maxBatchRecords: 7 });
    const wanted = Array.from({ length: 200 }, (_, i) => `v${i}`);
    await producer.sendAll(wanted.map((value) => outgoing(topic, value)));
    expect((await readAll(topic)).map(text)).toEqual(wanted);
  });

  it('rejects what stands behind a record that failed, when asked to keep the order', async () => {
    const topic = await bed.topic('behind');
    const producer = bed.producer({ ordered: true, maxBatchRecords: 2, deliveryTimeoutMs: 1_000 });
    const sent = [`${bed.prefix}missing`, `${bed.prefix}missing`, topic, topic, topic];
    const outcomes = await Promise.allSettled(sent.map((to, i) => producer.send(outgoing(to, `v${i}`))));
    expect(outcomes.map(({ status }) => status)).toEqual(sent.map(() => 'rejected'));
    await producer.send(outgoing(topic, 'later'));
    expect((await readAll(topic)).map(text)).toEqual(['later']);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'writes %s that it can read again, with headers',
    async (compression) => {
      const topic = await bed.topic(`codec.${compression}`);
      const value = 'compressible '.repeat(200);
      const producer = bed.producer({ compression });
      const headers = { ...{ a: 'x', b: Buffer.from([0, 255]) }, ...Object.fromEntries([['__proto__', 'p']]) };
      await producer.sendAll([outgoing(topic, value, { headers }), outgoing(topic, null, { key: 'gone' })]);
      const [first, second] = await readAll(topic);
      expect(first?.value?.toString()).toBe(value);
      expect(first?.headers['b']).toEqual(Buffer.from([0, 255]));
      expect(Object.keys(first?.headers ?? {}).sort()).toEqual(['__proto__', 'a', 'b']);
      expect(second).toMatchObject({ value: null, headers: {} });
      expect(second?.key?.toString()).toBe('gone');
    },
  );

  it('refuses at once what is above its own limit', async () => {
    const topic = await bed.topic('own-limit');
    await expect(bed.producer({ maxRecordBytes: 100 }).send(outgoing(topic, 'x'.repeat(200)))).rejects.toBeInstanceOf(
      RecordTooLargeError,
    );
  });

  it("rejects only the record that is above the topic's limit, not its company", async () => {
    const topic = await bed.topic('topic-limit', 1, { 'max.message.bytes': '2000' });
    const producer = bed.producer();
    const outcomes = await Promise.allSettled(
      ['a', 'x'.repeat(5000), 'b', 'c'].map((value) => producer.send(outgoing(topic, value))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { name: 'RecordTooLargeError', retryable: false } });
  });

  it.each([false, true])(
    'writes once what the broker took of a send that it refused in part (ordered: %s)',
    async (ordered) => {
      const topic = await bed.topic(`part-${ordered}`, 2, { 'max.message.bytes': '2000' });
      const producer = bed.producer({ ordered });
      const values = ['a', 'x'.repeat(5000), 'b', 'c'];
      const outcomes = await Promise.allSettled(
        values.map((value, i) => producer.send({ ...outgoing(topic, value), partition: i === 1 ? 0 : 1 })),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      expect((await readAll(topic, 1)).map(text)).toEqual(['a', 'b', 'c']);
      expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.offset : -1))).toEqual([
        0, -1, 1, 2,
      ]);
    },
  );

  it('lets a missing topic fail alone, when its time is up', async () => {
    const topic = await bed.topic('present');
    const producer = bed.producer({ deliveryTimeoutMs: 1_500 });
    const missing = producer.send(outgoing(`${bed.prefix}missing`, 'x'));
    const present = producer.send(outgoing(topic, 'y'));
    await expect(missing).rejects.toBeInstanceOf(TransientKafkaError);
    await expect(present).resolves.toEqual({ partition: 0, offset: 0 });
  });

  it('makes senders wait while its buffer is full, and loses none of them', async () => {
    const topic = await bed.topic('full');
    let most = 0;
    const producer = bed.producer({
      maxBufferedBytes: 5_000,
      onProduce: ({ bufferedBytes }) => (most = Math.max(most, bufferedBytes)),
    });
    await producer.sendAll(Array.from({ length: 100 }, () => outgoing(topic, 'x'.repeat(1_000))));
    expect(await readAll(topic)).toHaveLength(100);
    expect(most).toBeLessThanOrEqual(5_000);
  });

  describe('after close', () => {
    let closed: Promise<unknown>;
    beforeAll(async () => {
      const topic = await bed.topic('closed');
      const producer = bed.connection.producer({ lingerMs: 10_000 });
      const lingering = producer.send(outgoing(topic, 'lingers'));
      await producer.close();
      await expect(lingering).resolves.toEqual({ partition: 0, offset: 0 });
      closed = producer.send(outgoing(topic, 'late')).catch((error: unknown) => error);
    });

    it('has sent what lingered and takes nothing more', async () => {
      expect(await closed).toMatchObject({ name: 'ClosedError' });
    });
  });
});
