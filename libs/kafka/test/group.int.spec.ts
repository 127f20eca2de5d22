// Real: Kafka, kafkajs.
import { afterAll, describe, expect, it } from '@jest/globals';
import { type RecordConsumer } from '../src/index.js';
import { eventually } from './support/eventually.js';
import { KafkaTestBed, Recorder } from './support/kafka-test-bed.js';

const bed = new KafkaTestBed();
afterAll(() => bed.close());

const owned = (consumer: RecordConsumer, topic: string) =>
  consumer
    .assignments()
    .filter((one) => one.topic === topic)
    .map(({ partition }) => partition)
    .sort((a, b) => a - b);

describe('a consumer group', () => {
  it('shares co-partitioned topics by partition number, moves only what it must, and reports true differences', async () => {
    const topics = [await bed.topic('co.a', 4), await bed.topic('co.b', 4)] as const;
    const options = { groupId: `${bed.prefix}co`, topics, assigner: 'co-partitioned-sticky' } as const;
    const [seenA, seenB] = [new Recorder(), new Recorder()];
    const a = bed.consumer(options, seenA);
    await a.start();
    await eventually(() => {
      expect(owned(a, topics[0])).toEqual([0, 1, 2, 3]);
    });
    const b = bed.consumer(options, seenB);
    await b.start();
    await eventually(() => {
      expect(owned(a, topics[0])).toHaveLength(2);
      expect(owned(b, topics[0])).toHaveLength(2);
    });
    for (const consumer of [a, b]) expect(owned(consumer, topics[0])).toEqual(owned(consumer, topics[1]));
    await eventually(() => {
      expect(seenA.events).toHaveLength(2);
      expect(seenB.events).toHaveLength(1);
    });
    const moved = owned(b, topics[0])
      .flatMap((partition) => [partition, partition])
      .join();
    expect(seenA.events).toEqual(['+0,0,1,1,2,2,3,3', `-${moved} lost`]);
    expect(seenB.events).toEqual([`+${moved}`]);
    await b.close();
    await eventually(() => {
      expect(seenA.events.at(-1)).toBe(`+${moved}`);
    });
  });

  it('reads kept partitions on where it was, and keeps them paused, over a rebalance', async () => {
    const topic = await bed.topic('kept', 4);
    const options = { groupId: `${bed.prefix}kept`, topics: [topic] };
    const seenA = new Recorder();
    const a = bed.consumer(options, seenA);
    await a.start();
    for (const partition of [0, 1, 2, 3]) await bed.produce(topic, [`first ${partition}`], partition);
    await eventually(() => {
      expect(seenA.values).toHaveLength(4);
    });
    a.pause([0, 1, 2, 3].map((partition) => ({ topic, partition })));
    const b = bed.consumer(options, new Recorder());
    await b.start();
    await eventually(() => {
      expect(owned(a, topic)).toHaveLength(2);
    });
    for (const partition of [0, 1, 2, 3]) await bed.produce(topic, [`second ${partition}`], partition);
    await expect(eventually(() => expect(seenA.values.length).toBeGreaterThan(4), 1_000)).rejects.toThrow();
    a.resume([0, 1, 2, 3].map((partition) => ({ topic, partition })));
    const kept = owned(a, topic).map((partition) => `second ${partition}`);
    await eventually(() => {
      expect([...seenA.values.slice(4)].sort()).toEqual(kept);
    });
  });

  it('refuses to commit what it does not own, and commits the rest', async () => {
    const topic = await bed.topic('foreign', 2);
    const options = { groupId: `${bed.prefix}foreign`, topics: [topic] };
    const a = bed.consumer(options, new Recorder());
    const b = bed.consumer(options, new Recorder());
    await Promise.all([a.start(), b.start()]);
    await eventually(() => {
      expect([owned(a, topic).length, owned(b, topic).length]).toEqual([1, 1]);
    });
    const [mine, theirs] = [owned(a, topic)[0] ?? -1, owned(b, topic)[0] ?? -1];
    await bed.produce(topic, ['x'], mine);
    const commits = [mine, theirs].map((partition) => ({ topic, partition, offset: partition === mine ? 1 : 7 }));
    await expect(a.commit(commits)).rejects.toMatchObject({ name: 'RebalancedError' });
    const stored = new Map((await a.committed([topic])).map(({ partition, offset }) => [partition, offset]));
    expect([stored.get(mine), stored.get(theirs)]).toEqual([1, undefined]);
  });

  it('reads the topics that exist, says which do not, and takes them in when they appear', async () => {
    const present = await bed.topic('present');
    const late = `${bed.prefix}late`;
    const seen = new Recorder();
    const missing: string[] = [];
    const handlers = {
      ...{ onBatch: seen.onBatch },
      onMissingTopics: (topics: readonly string[]) => missing.push(topics.join()),
    };
    const options = { groupId: `${bed.prefix}missing`, topics: [present, late], missingTopicsIntervalMs: 300 };
    const consumer = bed.consumer(options, handlers);
    await consumer.start();
    await bed.produce(present, ['a']);
    await eventually(() => {
      expect(seen.values).toEqual(['a']);
    });
    await consumer.commit([{ topic: present, partition: 0, offset: 1 }]);
    await bed.topic('late');
    await bed.produce(late, ['b']);
    await eventually(() => {
      expect(seen.values).toEqual(['a', 'b']);
    });
    expect(missing).toEqual([late, '']);
  });

  it('changes its topics and skips nothing', async () => {
    const [one, two] = [await bed.topic('set.one'), await bed.topic('set.two')];
    const seen = new Recorder();
    const consumer = bed.consumer({ groupId: `${bed.prefix}set`, topics: [one] }, seen);
    await consumer.start();
    await bed.produce(one, ['1']);
    await bed.produce(two, ['2']);
    await eventually(() => {
      expect(seen.values).toEqual(['1']);
    });
    await consumer.commit([{ topic: one, partition: 0, offset: 1 }]);
    await consumer.setTopics([one, two]);
    await bed.produce(one, ['3']);
    await eventually(() => {
      expect([...seen.values].sort()).toEqual(['1', '2', '3']);
    });
    await consumer.setTopics([two]);
    await eventually(() => {
      expect(owned(consumer, one)).toEqual([]);
    });
    await consumer.setTopics([]);
    expect(consumer.assignments()).toEqual([]);
  });

  it('hears that its membership is confirmed', async () => {
    const topic = await bed.topic('heartbeat');
    const beats: number[] = [];
    const fetches: number[] = [];
    const handlers = {
      onBatch: () => Promise.resolve(),
      onHeartbeat: (at: number) => beats.push(at),
      onFetch: (at: number) => fetches.push(at),
    };
    const started = performance.now();
    await bed.consumer({ groupId: `${bed.prefix}heartbeat`, topics: [topic] }, handlers).start();
    await eventually(() => {
      expect(beats.length).toBeGreaterThan(2);
      expect(fetches.length).toBeGreaterThan(2);
    });
    for (const at of [...beats, ...fetches]) {
      expect(at).toBeGreaterThanOrEqual(started - 1);
      expect(at).toBeLessThanOrEqual(performance.now());
    }
  });
});
