import { strict as assert } from 'node:assert';
import { type ConsumedRecord, type OutgoingRecord } from '@hookstream/contracts';
import { type ConsumerHandlers, type RecordBatch, type RecordLog, type TopicPartition } from '@hookstream/kafka';
import { eventually as eventuallyInRealTime } from '../eventually.js';

/** What an implementation of `RecordLog` must be given to be held to its promises. */
export interface RecordLogUnderTest {
  readonly log: RecordLog;
  /** A name no other case uses; for topics and groups. */
  readonly uniqueName: () => string;
  /** Where the log's time is not the real one: tries until the probe no longer throws, by the log's time. */
  readonly eventually?: <T>(probe: () => T | Promise<T>) => Promise<T>;
}

export interface ConformanceCase {
  /** What is promised, as the title of a test. */
  readonly claim: string;
  /** Rejects where the promise is not kept. */
  readonly verify: (subject: RecordLogUnderTest) => Promise<void>;
}

const outgoing = (topic: string, value: string | null, rest: Partial<OutgoingRecord> = {}): OutgoingRecord => ({
  topic,
  key: null,
  value: value === null ? null : Buffer.from(value),
  ...rest,
});
const text = ({ value }: ConsumedRecord) => value?.toString();
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);

async function makeTopic({ log, uniqueName }: RecordLogUnderTest, partitions = 1, config = {}): Promise<string> {
  const name = uniqueName();
  const admin = log.admin();
  await admin.ensureTopics([{ name, partitions, replication: 1, config }]);
  await admin.close();
  return name;
}

async function write({ log }: RecordLogUnderTest, records: readonly OutgoingRecord[]): Promise<void> {
  const producer = log.producer({ ordered: true });
  await producer.sendAll(records);
  await producer.close();
}

/** Closes what was opened, whatever the case came to. */
async function using<T extends { close(): Promise<void> }>(one: T, work: (one: T) => Promise<void>): Promise<void> {
  try {
    await work(one);
  } finally {
    await one.close();
  }
}

function recordingHandlers(): ConsumerHandlers & {
  readonly batches: RecordBatch[];
  readonly gained: TopicPartition[];
} {
  const batches: RecordBatch[] = [];
  const gained: TopicPartition[] = [];
  return {
    batches,
    gained,
    onBatch: (batch) => {
      batches.push(batch);
      return Promise.resolve();
    },
    onAssigned: (partitions) => {
      gained.push(...partitions);
    },
  };
}

const valuesOf = (batches: readonly RecordBatch[]) => batches.flatMap(({ records }) => records.map(text));

async function valuesIn(subject: RecordLogUnderTest, topic: string): Promise<string[]> {
  const values: string[] = [];
  await using(subject.log.ranges(), async (ranges) => {
    await ranges.readRange({
      topic,
      partition: 0,
      fromOffset: 0,
      onRecords: (some) => {
        values.push(...some.map((record) => record.value?.toString() ?? ''));
      },
    });
  });
  return values;
}

/** The promises of the ports in `@hookstream/kafka`, for the real log and for those that stand in for it. */
export const recordLogCases: readonly ConformanceCase[] = [
  {
    claim: 'gives records of one key one partition, in the order they were sent, and tells where they are',
    verify: async (subject) => {
      const topic = await makeTopic(subject, 3);
      await using(subject.log.producer({ ordered: true }), async (producer) => {
        const positions = await Promise.all(
          numbered(20).map((value) => producer.send(outgoing(topic, value, { key: 'k' }))),
        );
        const [first] = positions;
        assert.ok(first !== undefined);
        assert.deepEqual(
          positions,
          numbered(20).map((_, offset) => ({ partition: first.partition, offset })),
        );
      });
    },
  },
  {
    claim: 'carries keys, headers and tombstones as bytes',
    verify: async (subject) => {
      const topic = await makeTopic(subject);
      await write(subject, [outgoing(topic, null, { key: 'k', headers: { a: 'x', b: Buffer.from([0, 255]) } })]);
      const seen: ConsumedRecord[] = [];
      await using(subject.log.ranges(), async (ranges) => {
        await ranges.readRange({ topic, partition: 0, fromOffset: 0, onRecords: (some) => void seen.push(...some) });
      });
      assert.equal(seen.length, 1);
      assert.equal(seen[0]?.value, null);
      assert.equal(seen[0].key?.toString(), 'k');
      assert.deepEqual({ ...seen[0].headers }, { a: Buffer.from('x'), b: Buffer.from([0, 255]) });
    },
  },
  {
    claim: 'refuses a record above the limit at once',
    verify: async (subject) => {
      const topic = await makeTopic(subject);
      await using(subject.log.producer({ maxRecordBytes: 100 }), async (producer) => {
        await assert.rejects(producer.send(outgoing(topic, 'x'.repeat(200))), { name: 'RecordTooLargeError' });
      });
    },
  },
  {
    claim: 'writes no record that may not be written any more when its turn comes, and those beside it',
    verify: async (subject) => {
      const topic = await makeTopic(subject);
      await using(subject.log.producer({ lingerMs: 50 }), async (producer) => {
        const first = producer.send(outgoing(topic, 'first'));
        let isOurs = true;
        const withheld = producer.send(outgoing(topic, 'withheld'), () => isOurs);
        const allowed = producer.send(outgoing(topic, 'allowed'), () => true);
        isOurs = false;
        await assert.rejects(withheld, { name: 'TransientKafkaError', retryable: true });
        await Promise.all([first, allowed]);
      });
      assert.deepEqual(await valuesIn(subject, topic), ['first', 'allowed']);
    },
  },
  {
    claim: 'lets nothing overtake a record that was withheld, of a producer that keeps the order',
    verify: async (subject) => {
      const topic = await makeTopic(subject);
      await using(subject.log.producer({ ordered: true, lingerMs: 50 }), async (producer) => {
        const withheld = producer.send(outgoing(topic, 'withheld'), () => false);
        const behind = producer.send(outgoing(topic, 'behind'));
        await assert.rejects(withheld, { name: 'TransientKafkaError' });
        await assert.rejects(behind, { name: 'TransientKafkaError' });
        await producer.send(outgoing(topic, 'later'));
      });
      assert.deepEqual(await valuesIn(subject, topic), ['later']);
    },
  },
  {
    claim: 'hands over batches in order and goes on from the committed offset, metadata kept',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject);
      const groupId = subject.uniqueName();
      await write(
        subject,
        numbered(10).map((value) => outgoing(topic, value)),
      );
      const first = recordingHandlers();
      await using(subject.log.consumer({ groupId, topics: [topic] }, first), async (consumer) => {
        await consumer.start();
        await eventually(() => {
          assert.deepEqual(valuesOf(first.batches), numbered(10));
        });
        await consumer.commit([{ topic, partition: 0, offset: 7, metadata: 'm' }]);
        assert.deepEqual(await consumer.committed([topic]), [{ topic, partition: 0, offset: 7, metadata: 'm' }]);
      });
      const second = recordingHandlers();
      await using(subject.log.consumer({ groupId, topics: [topic] }, second), async (consumer) => {
        await consumer.start();
        await eventually(() => {
          assert.deepEqual(valuesOf(second.batches), numbered(10).slice(7));
        });
        assert.deepEqual(second.gained, [{ topic, partition: 0 }]);
      });
    },
  },
  {
    claim: 'hands a batch over again when its handler throws',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject);
      await write(subject, [outgoing(topic, 'once more')]);
      const seen = recordingHandlers();
      let throws = 2;
      const onBatch = (batch: RecordBatch) =>
        throws-- > 0 ? Promise.reject(new Error('not now')) : seen.onBatch(batch);
      const options = { groupId: subject.uniqueName(), topics: [topic], retryBackoffMs: 10 };
      await using(subject.log.consumer(options, { onBatch }), async (consumer) => {
        await consumer.start();
        await eventually(() => {
          assert.deepEqual(valuesOf(seen.batches), ['once more']);
        });
      });
    },
  },
  {
    claim: 'shares partitions among the members of a group, each to one',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject, 4);
      const options = { groupId: subject.uniqueName(), topics: [topic], assigner: 'co-partitioned-sticky' } as const;
      await using(subject.log.consumer(options, recordingHandlers()), async (a) => {
        await a.start();
        await using(subject.log.consumer(options, recordingHandlers()), async (b) => {
          await b.start();
          await eventually(() => {
            assert.equal(a.assignments().length, 2);
            assert.equal(b.assignments().length, 2);
            const all = [...a.assignments(), ...b.assignments()].map(({ partition }) => partition);
            assert.deepEqual(all.sort(), [0, 1, 2, 3]);
          });
        });
        await eventually(() => {
          assert.equal(a.assignments().length, 4);
        });
      });
    },
  },
  {
    claim: 'confirms a membership only after telling what it has lost',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject, 4);
      const options = { groupId: subject.uniqueName(), topics: [topic], heartbeatIntervalMs: 300 } as const;
      const known = new Set<number>();
      const untold: string[] = [];
      const handlers: ConsumerHandlers = {
        onBatch: () => Promise.resolve(),
        onAssigned: (gained) => {
          for (const { partition } of gained) known.add(partition);
        },
        onRevoked: (lost) => {
          for (const { partition } of lost) known.delete(partition);
        },
        onHeartbeat: () => {
          const owned = a.assignments().map(({ partition }) => partition);
          const more = [...known].filter((partition) => !owned.includes(partition));
          if (more.length > 0) untold.push(more.join());
        },
      };
      const a = subject.log.consumer(options, handlers);
      await using(a, async () => {
        await a.start();
        await eventually(() => {
          assert.equal(known.size, 4);
        });
        await using(subject.log.consumer(options, recordingHandlers()), async (b) => {
          await b.start();
          await eventually(() => {
            assert.equal(known.size, 2);
          });
        });
        assert.deepEqual(untold, []);
      });
    },
  },
  {
    claim: 'lets a member finish and commit before another gets its partitions',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject, 2);
      // What is committed must be in the log, or the consumers go back to its beginning.
      const values = numbered(3);
      await write(
        subject,
        [0, 1].flatMap((partition) => values.map((value) => outgoing(topic, value, { partition }))),
      );
      const options = { groupId: subject.uniqueName(), topics: [topic], heartbeatIntervalMs: 300 } as const;
      const told: string[] = [];
      const commit = (offset: number) =>
        a.commit([0, 1].map((partition) => ({ topic, partition, offset, metadata: '' })));
      const handlers = recordingHandlers();
      const a = subject.log.consumer(options, {
        ...handlers,
        onRebalancing: async () => {
          await commit(3);
          told.push('finished');
        },
      });
      await using(a, async () => {
        await a.start();
        await eventually(() => {
          assert.equal(handlers.gained.length, 2);
        });
        // The first one of a broker takes long.
        await commit(1);
        const b = subject.log.consumer(options, {
          onBatch: () => Promise.resolve(),
          onAssigned: async () => {
            const committed = await b.committed([topic]);
            told.push(...committed.map(({ offset }) => String(offset)));
          },
        });
        await using(b, async () => {
          await b.start();
          await eventually(() => {
            assert.deepEqual(told, ['finished', '3', '3']);
          });
        });
      });
    },
  },
  {
    claim: 'does not fetch a paused partition until it is resumed',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject, 2);
      const seen = recordingHandlers();
      const options = { groupId: subject.uniqueName(), topics: [topic] };
      await using(subject.log.consumer(options, seen), async (consumer) => {
        consumer.pause([{ topic, partition: 0 }]);
        await consumer.start();
        await write(subject, [outgoing(topic, 'held', { partition: 0 })]);
        await write(subject, [outgoing(topic, 'free', { partition: 1 })]);
        await eventually(() => {
          assert.deepEqual(valuesOf(seen.batches), ['free']);
        });
        consumer.resume([{ topic, partition: 0 }]);
        await eventually(() => {
          assert.deepEqual(valuesOf(seen.batches), ['free', 'held']);
        });
      });
    },
  },
  {
    claim: 'has a table ready when it holds all that was there, and follows it after',
    verify: async (subject) => {
      const { eventually = eventuallyInRealTime } = subject;
      const topic = await makeTopic(subject, 2, { 'cleanup.policy': 'compact' });
      await write(subject, [
        outgoing(topic, '1', { key: 'a' }),
        outgoing(topic, '2', { key: 'b' }),
        outgoing(topic, null, { key: 'a' }),
      ]);
      const rows = new Map<string, string>();
      const onRecord = (key: string, record: ConsumedRecord) => {
        const value = text(record);
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
      };
      await using(subject.log.table({ topic, onRecord }), async (table) => {
        await table.start();
        await table.ready;
        assert.deepEqual([...rows], [['b', '2']]);
        await write(subject, [outgoing(topic, '3', { key: 'c' })]);
        await eventually(() => {
          assert.equal(rows.get('c'), '3');
        });
        assert.equal(table.isReady(), true);
        assert.notEqual(table.lastFetchCompletedAt(), undefined);
      });
    },
  },
  {
    claim: 'has the table of an empty topic ready',
    verify: async (subject) => {
      const topic = await makeTopic(subject, 2, { 'cleanup.policy': 'compact' });
      await using(subject.log.table({ topic, onRecord: () => undefined }), async (table) => {
        await table.start();
        await table.ready;
      });
    },
  },
];
