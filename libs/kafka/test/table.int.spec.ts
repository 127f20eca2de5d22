// Real: Kafka with its log cleaner, kafkajs.
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { KafkaTestBed, outgoing, text } from './support/kafka-test-bed.js';

const bed = new KafkaTestBed();
afterAll(() => bed.close());

const COMPACTED = { 'cleanup.policy': 'compact' };
/** Compacts after every few records, as far as a test can make Kafka hurry. */
const COMPACTED_SOON = {
  ...COMPACTED,
  'segment.ms': '100',
  'min.cleanable.dirty.ratio': '0.001',
  'max.compaction.lag.ms': '200',
  'delete.retention.ms': '0',
};

describe('the reader of a compacted table', () => {
  it('is ready at once on an empty topic', async () => {
    const topic = await bed.topic('empty', 3, COMPACTED);
    const table = bed.table({ topic, onRecord: () => undefined });
    expect(table.isReady()).toBe(false);
    await table.start();
    await table.ready;
    expect(table.isReady()).toBe(true);
    await eventually(() => {
      expect(table.lastFetchCompletedAt()).toBeGreaterThan(0);
    });
  });

  it('has read all partitions, tombstones too, when it is ready, and follows after', async () => {
    const topic = await bed.topic('full', 3, COMPACTED);
    const producer = bed.producer();
    await producer.sendAll(Array.from({ length: 100 }, (_, i) => outgoing(topic, `v${i}`, { key: `k${i % 30}` })));
    await producer.send(outgoing(topic, null, { key: 'k0' }));
    const rows = new Map<string, string>();
    const table = bed.table({
      topic,
      onRecord: (key, record) => {
        const value = text(record);
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
      },
    });
    await table.start();
    await table.ready;
    expect(rows.size).toBe(29);
    expect(rows.get('k9')).toBe('v99');
    await producer.send(outgoing(topic, 'later', { key: 'k0' }));
    await eventually(() => {
      expect(rows.get('k0')).toBe('later');
    });
    expect([...table.position().values()].reduce((sum, next) => sum + next, 0)).toBe(102);
  });

  it('becomes ready over the gaps that compaction leaves, at the end of the log too', async () => {
    const topic = await bed.topic('gaps', 1, COMPACTED_SOON);
    const producer = bed.producer({ ordered: true });
    for (let i = 0; i < 5; i++) {
      await producer.sendAll(Array.from({ length: 20 }, (_, k) => outgoing(topic, `v${i}`, { key: `k${k}` })));
      await producer.sendAll(Array.from({ length: 20 }, (_, k) => outgoing(topic, null, { key: `k${k}` })));
    }
    const ranges = bed.connection.ranges();
    await eventually(async () => {
      let left = 0;
      await producer.send(outgoing(topic, null, { key: 'k0' }));
      await ranges.readRange({ topic, partition: 0, fromOffset: 0, onRecords: (some) => void (left += some.length) });
      expect(left).toBeLessThan(150);
    }, 40_000);
    await ranges.close();
    const table = bed.table({ topic, onRecord: () => undefined });
    await table.start();
    await table.ready;
  });

  it('waits for a topic that does not exist yet', async () => {
    const name = `${bed.prefix}later`;
    const table = bed.table({ topic: name, onRecord: () => undefined });
    await table.start();
    expect(table.isReady()).toBe(false);
    await bed.topic('later', 1, COMPACTED);
    await table.ready;
  });

  it('tries a record again that could not be taken, and is not ready meanwhile', async () => {
    const topic = await bed.topic('defect', 1, COMPACTED);
    let broken = false;
    const seen: string[] = [];
    const onRecord = (key: string) => {
      if (broken) throw new Error('defect');
      seen.push(key);
    };
    const table = bed.table({ topic, onRecord });
    await table.start();
    await table.ready;
    broken = true;
    const producer = bed.producer();
    await producer.send(outgoing(topic, 'v', { key: 'k' }));
    await eventually(() => {
      expect(table.isReady()).toBe(false);
    });
    broken = false;
    await eventually(() => {
      expect(table.isReady()).toBe(true);
    });
    expect(seen).toEqual(['k']);
  });
});

describe('the reader of a range', () => {
  it('hands over what lies between the offsets and tells where it ended', async () => {
    const topic = await bed.topic('range');
    await bed.produce(topic, ['0', '1', '2', '3', '4']);
    const ranges = bed.connection.ranges();
    const seen: (string | undefined)[] = [];
    const onRecords = (records: readonly Parameters<typeof text>[0][]) => void seen.push(...records.map(text));
    expect(await ranges.readRange({ topic, partition: 0, fromOffset: 1, toOffset: 3, onRecords })).toBe(3);
    expect(await ranges.readRange({ topic, partition: 0, fromOffset: 5, onRecords })).toBe(5);
    expect(await ranges.readRange({ topic, partition: 0, fromOffset: 4, onRecords })).toBe(5);
    expect(seen).toEqual(['1', '2', '4']);
    await ranges.close();
  });

  it('stops when told to', async () => {
    const ranges = bed.connection.ranges();
    const signal = AbortSignal.timeout(500);
    const missing = `${bed.prefix}nowhere`;
    await expect(
      ranges.readRange({ topic: missing, partition: 0, fromOffset: 0, onRecords: () => undefined, signal }),
    ).rejects.toThrow();
    await ranges.close();
  });
});
