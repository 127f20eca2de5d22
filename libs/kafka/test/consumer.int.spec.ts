// Real: Kafka, kafkajs.
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { KafkaTestBed, outgoing, Recorder, text } from './support/kafka-test-bed.js';

const bed = new KafkaTestBed();
afterAll(() => bed.close());

const numbered = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `v${from + i}`);

describe('the batch consumer', () => {
  it('hands over everything in order, with the range it fetched', async () => {
    const topic = await bed.topic('order');
    await bed.produce(topic, numbered(50));
    const seen = new Recorder();
    await bed.consumer({ groupId: `${bed.prefix}order`, topics: [topic] }, seen).start();
    await eventually(() => {
      expect(seen.values).toEqual(numbered(50));
    });
    expect(seen.events).toEqual(['+0']);
    expect(seen.batches[0]).toMatchObject({ firstOffset: 0, highWatermark: 50 });
    expect(seen.batches.at(-1)?.lastOffset).toBe(49);
  });

  it('commits nothing by itself; a successor goes on from what was committed, with its metadata', async () => {
    const topic = await bed.topic('commit');
    const groupId = `${bed.prefix}commit`;
    await bed.produce(topic, numbered(10));
    const first = new Recorder();
    const consumer = bed.consumer({ groupId, topics: [topic] }, first);
    await consumer.start();
    await eventually(() => {
      expect(first.values).toHaveLength(10);
    });
    expect(await consumer.committed([topic])).toEqual([{ topic, partition: 0, offset: undefined, metadata: '' }]);
    await consumer.commit([{ topic, partition: 0, offset: 4, metadata: 'holes: 6' }]);
    expect(await consumer.committed([topic])).toEqual([{ topic, partition: 0, offset: 4, metadata: 'holes: 6' }]);
    await consumer.close();
    expect(first.events).toEqual(['+0', '-0 leaving']);

    const second = new Recorder();
    await bed.consumer({ groupId, topics: [topic] }, second).start();
    await eventually(() => {
      expect(second.values).toEqual(numbered(6, 4));
    });
  });

  it('lets the handler commit while it leaves', async () => {
    const topic = await bed.topic('last-commit');
    await bed.produce(topic, numbered(3));
    const seen = new Recorder();
    const handlers = {
      onBatch: seen.onBatch,
      onRevoked: () => consumer.commit([{ topic, partition: 0, offset: 3 }]),
    };
    const consumer = bed.connection.consumer({ groupId: `${bed.prefix}last`, topics: [topic] }, handlers);
    await consumer.start();
    await eventually(() => {
      expect(seen.values).toHaveLength(3);
    });
    await consumer.close();
    const admin = bed.connection.admin();
    expect(await admin.committed(`${bed.prefix}last`, [topic])).toMatchObject([{ offset: 3 }]);
    await admin.close();
  });

  it('hands a batch over again after a throw, while other partitions go on', async () => {
    const topic = await bed.topic('throws', 2);
    const seen = new Recorder();
    let throws = 3;
    seen.beforeBatch = ({ partition }) => {
      if (partition === 0 && throws-- > 0) throw new Error('the database is away');
    };
    const consumer = bed.consumer({ groupId: `${bed.prefix}throws`, topics: [topic], retryBackoffMs: 300 }, seen);
    await consumer.start();
    await bed.produce(topic, ['a', 'b'], 0);
    await bed.produce(topic, ['c'], 1);
    await eventually(() => {
      expect(seen.values).toContain('c');
    });
    expect(throws).toBeGreaterThanOrEqual(0);
    await eventually(() => {
      expect(
        seen.batches.filter(({ partition }) => partition === 0).flatMap(({ records }) => records.map(text)),
      ).toEqual(['a', 'b']);
    });
  });

  it('lets a slow partition wait alone', async () => {
    const topic = await bed.topic('slow', 2);
    const seen = new Recorder();
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    seen.beforeBatch = ({ partition }) => (partition === 0 ? slow : undefined);
    const consumer = bed.consumer(
      { groupId: `${bed.prefix}slow`, topics: [topic], partitionsConsumedConcurrently: 1 },
      seen,
    );
    await consumer.start();
    await bed.produce(topic, ['slow'], 0);
    for (const value of ['1', '2', '3']) {
      await bed.produce(topic, [value], 1);
      await eventually(() => {
        expect(seen.values).toContain(value);
      }, 3_000);
    }
    await bed.produce(topic, ['after'], 0);
    finish();
    await eventually(() => {
      expect(seen.values.slice(-2)).toEqual(['slow', 'after']);
    });
  });

  it('starts at the end where told to, and stays there for its successor', async () => {
    const topic = await bed.topic('latest');
    const options = { groupId: `${bed.prefix}latest`, topics: [topic], startAt: 'latest' } as const;
    await bed.produce(topic, ['old']);
    const first = bed.consumer(options, new Recorder());
    await first.start();
    await eventually(async () => {
      expect(await first.committed([topic])).toMatchObject([{ offset: 1 }]);
    });
    await first.close();
    await bed.produce(topic, ['while nobody reads']);
    const seen = new Recorder();
    await bed.consumer(options, seen).start();
    await bed.produce(topic, ['new']);
    await eventually(() => {
      expect(seen.values).toEqual(['while nobody reads', 'new']);
    });
  });

  it('goes to the earliest when its offset is out of range, though it was to start at the latest', async () => {
    const topic = await bed.topic('range');
    const groupId = `${bed.prefix}range`;
    await bed.produce(topic, numbered(3));
    const admin = bed.connection.admin();
    await admin.setCommitted(groupId, [{ topic, partition: 0, offset: 1_000 }]);
    await admin.close();
    const seen = new Recorder();
    await bed.consumer({ groupId, topics: [topic], startAt: 'latest' }, seen).start();
    await eventually(() => {
      expect(seen.values).toEqual(numbered(3));
    });
  });

  it('keeps a partition paused until it is resumed, and can be sought', async () => {
    const topic = await bed.topic('pause');
    const seen = new Recorder();
    const consumer = bed.consumer({ groupId: `${bed.prefix}pause`, topics: [topic] }, seen);
    await consumer.start();
    consumer.pause([{ topic, partition: 0 }]);
    await bed.produce(topic, numbered(5));
    await expect(eventually(() => expect(seen.values).not.toHaveLength(0), 1_000)).rejects.toThrow();
    consumer.resume([{ topic, partition: 0 }]);
    await eventually(() => {
      expect(seen.values).toEqual(numbered(5));
    });
    consumer.seek({ topic, partition: 0, offset: 3 });
    await eventually(() => {
      expect(seen.values).toEqual([...numbered(5), 'v3', 'v4']);
    });
  });

  it('gathers what comes between two fetches, and fetches at once what it is behind with', async () => {
    const topic = await bed.topic('paced');
    const seen = new Recorder();
    const options = { groupId: `${bed.prefix}paced`, topics: [topic], fetchEveryMs: 500, maxBytesPerPartition: 65_536 };
    await bed.consumer(options, seen).start();
    const producer = bed.producer();
    for (const value of numbered(30)) await producer.send(outgoing(topic, value));
    await eventually(() => {
      expect(seen.values).toEqual(numbered(30));
    });
    expect(seen.batches.length).toBeLessThan(6);

    const large = Array.from({ length: 20 }, () => 'x'.repeat(60_000));
    const startedAt = performance.now();
    for (const value of large) await producer.send(outgoing(topic, value));
    await eventually(() => {
      expect(seen.values).toHaveLength(50);
    });
    expect(seen.batches.length).toBeGreaterThan(15);
    // Of 20 fetches, paced, it would be ten seconds.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
