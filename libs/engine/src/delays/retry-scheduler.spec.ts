import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  decodeDelivery,
  encodeDelivery,
  topicNames,
  type ConsumedRecord,
  type Delivery,
  type OutgoingRecord,
} from '@hookstream/contracts';
import { aDelivery, asConsumed } from '@hookstream/testing';
import { GuardedBurials, HeldBack } from '../guard/guarded-burials.js';
import type { Written } from '../parked/parked-ports.js';
import { TrackerTable, type TopicPartition } from '../tracker/tracker-table.js';
import { LEVEL_LIMITS } from './delay-line.js';
import { RetryScheduler } from './retry-scheduler.js';

const topics = topicNames('t.');
const NEAR = { topic: topics.delayNear, partition: 0 };
const TOO_LARGE = 'too large';
const LEVEL_30S = { topic: 't.delay.30s', partition: 0 };

function aRecord(at: TopicPartition, offset: number, delivery: Delivery, timestamp = 0): ConsumedRecord {
  return asConsumed(encodeDelivery(at.topic, delivery), { offset, timestamp });
}

/** The real scheduler and trackers; the clock, the producer and the consumer's pausing are fakes. */
function aScheduler() {
  const trackers = new TrackerTable({ handledKeys: 1 });
  for (const at of [NEAR, LEVEL_30S]) trackers.assign(at, { offset: 0, metadata: '' });
  const moved: OutgoingRecord[] = [];
  const buried: string[] = [];
  const flow: string[] = [];
  const late: number[] = [];
  const state = { nowMs: 0, brokerAway: false };
  const burials = new GuardedBurials(
    {
      bury: (_, { reason }) => {
        buried.push(reason);
        return Promise.resolve();
      },
    },
    () => undefined,
  );
  const scheduler = new RetryScheduler({
    topics,
    trackers,
    writer: {
      write: (records) =>
        Promise.resolve(
          records.map((record): Written => {
            if (state.brokerAway) return { kind: 'refused', error: new Error('away') };
            if (record.value?.toString() === TOO_LARGE) return { kind: 'too-large', detail: 'above the limit' };
            moved.push(record);
            return { kind: 'written' };
          }),
        ),
    },
    burials,
    flow: { pause: ({ topic }) => flow.push(`pause ${topic}`), resume: ({ topic }) => flow.push(`resume ${topic}`) },
    observer: { moved: (_, lateMs) => late.push(...lateMs), postponed: () => undefined },
    now: () => state.nowMs,
  });
  const releaseAt = (nowMs: number) => {
    state.nowMs = nowMs;
    return scheduler.release();
  };
  const watermark = (at: TopicPartition) => trackers.get(at)?.tracker.commitPoint().offset;
  return { scheduler, burials, trackers, moved, buried, flow, late, state, releaseAt, watermark };
}

/** Lets everything run that waits for nothing but its turn. */
const settled = async () => {
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
};

describe('RetryScheduler', () => {
  it('buries ten records in a row that it cannot read, then takes no more, and goes on when one can be read', async () => {
    const { scheduler, burials, buried, watermark, moved, releaseAt } = aScheduler();
    const unreadable = (offset: number) => ({ ...aRecord(NEAR, offset, aDelivery()), headers: {} });
    const stretch = Array.from({ length: 40 }, (_, offset) => unreadable(offset));
    expect(() => scheduler.take(NEAR, stretch)).toThrow(HeldBack);
    await settled();
    expect([buried.length, watermark(NEAR)]).toEqual([10, 10]);
    expect(burials.closedBecause).toContain('undecodable');
    expect(() => scheduler.take(NEAR, stretch)).toThrow(HeldBack);

    // The twelfth is not better, and what comes behind it is.
    burials.tick();
    expect(() => scheduler.take(NEAR, stretch.slice(11))).toThrow(HeldBack);
    burials.tick();
    const readable = [12, 13].map((offset) => aRecord(NEAR, offset, aDelivery({ dueAtMs: 1 })));
    scheduler.take(NEAR, readable);
    await releaseAt(1);
    await settled();
    expect([buried.length, watermark(NEAR), moved.length]).toEqual([12, 14, 2]);
    expect(burials.closedBecause).toBeUndefined();
  });

  it('buries ten records in a row that fit nowhere, keeps the others uncommitted, and lets all go on when one fits', async () => {
    const { scheduler, burials, buried, watermark, moved, releaseAt } = aScheduler();
    const record = (offset: number, dueAtMs: number, text: string) =>
      aRecord(NEAR, offset, aDelivery({ dueAtMs, data: Buffer.from(text) }));
    const tooLarge = Array.from({ length: 40 }, (_, offset) => record(offset, offset, TOO_LARGE));
    scheduler.take(NEAR, [...tooLarge, record(40, 2_000, 'small')]);
    await releaseAt(50);
    await settled();
    expect([buried.length, watermark(NEAR)]).toEqual([10, 10]);
    expect(burials.closedBecause).toContain('oversize');
    await releaseAt(2_000);
    await settled();
    expect([moved.length, buried.length]).toEqual([1, 20]);
  });

  it('leaves what it has not buried to the next reader when it drains', async () => {
    const { scheduler, burials, buried, watermark } = aScheduler();
    const stretch = Array.from({ length: 20 }, (_, offset) => ({ ...aRecord(NEAR, offset, aDelivery()), headers: {} }));
    expect(() => scheduler.take(NEAR, stretch)).toThrow(HeldBack);
    burials.giveUp();
    burials.wasRead();
    await settled();
    expect([buried.length, watermark(NEAR)]).toEqual([10, 10]);
  });

  it('hands a near record to the dispatcher when it is due, and not a millisecond before', async () => {
    const { scheduler, moved, releaseAt, late } = aScheduler();
    scheduler.take(NEAR, [aRecord(NEAR, 0, aDelivery({ dueAtMs: 5_000 }))]);
    expect(scheduler.nextWakeAtMs).toBe(5_000);
    await releaseAt(4_999);
    expect(moved).toEqual([]);
    await releaseAt(5_003);
    expect(moved.map(({ topic }) => topic)).toEqual([topics.deliveries]);
    expect(late).toEqual([3]);
  });

  it('releases a level’s record its length after it was appended, and plans the next stop from the due time', async () => {
    const { scheduler, moved, releaseAt } = aScheduler();
    scheduler.take(LEVEL_30S, [aRecord(LEVEL_30S, 0, aDelivery({ dueAtMs: 42_000 }), 1_000)]);
    await releaseAt(30_999);
    expect(moved).toEqual([]);
    await releaseAt(31_000);
    expect(moved.map(({ topic }) => topic)).toEqual(['t.delay.10s']);
  });

  it('changes nothing of a delivery but its hops', async () => {
    const { scheduler, moved, releaseAt } = aScheduler();
    const delivery = aDelivery({ dueAtMs: 1, hops: 4 });
    scheduler.take(NEAR, [aRecord(NEAR, 0, delivery)]);
    await releaseAt(1);
    expect(moved.map((record) => decodeDelivery(asConsumed(record)))).toEqual([{ ...delivery, hops: 5 }]);
  });

  it('finishes a record only when Kafka has it at its next stop', async () => {
    const { scheduler, state, releaseAt, watermark, moved } = aScheduler();
    scheduler.take(NEAR, [aRecord(NEAR, 0, aDelivery({ dueAtMs: 1 }))]);
    state.brokerAway = true;
    await releaseAt(1);
    expect(watermark(NEAR)).toBe(0);
    state.brokerAway = false;
    await releaseAt(500);
    expect(moved).toHaveLength(0);
    await releaseAt(1_001);
    expect(moved).toHaveLength(1);
    expect(watermark(NEAR)).toBe(1);
  });

  it('moves on without a record that is refused for good: that one becomes a dead letter', async () => {
    const { scheduler, moved, buried, releaseAt, watermark } = aScheduler();
    const data = [TOO_LARGE, 'small'].map((text) => Buffer.from(text));
    scheduler.take(
      NEAR,
      data.map((each, offset) => aRecord(NEAR, offset, aDelivery({ dueAtMs: 1, data: each }))),
    );
    await releaseAt(1);
    expect(moved).toHaveLength(1);
    expect(buried).toEqual(['oversize']);
    await settled();
    expect(watermark(NEAR)).toBe(2);
  });

  it('tells since when a record should have left, however often that has failed', async () => {
    const { scheduler, state, releaseAt } = aScheduler();
    scheduler.take(NEAR, [aRecord(NEAR, 0, aDelivery({ dueAtMs: 5 }))]);
    state.brokerAway = true;
    for (const nowMs of [10, 2_000, 4_000]) await releaseAt(nowMs);
    expect(scheduler.oldestDueAtMs).toBe(5);
    state.brokerAway = false;
    await releaseAt(6_000);
    expect(scheduler.oldestDueAtMs).toBeUndefined();
  });

  it('does not commit past a record that still sleeps', async () => {
    const { scheduler, releaseAt, watermark } = aScheduler();
    const dueAt = [9_000, 1, 2];
    scheduler.take(
      NEAR,
      dueAt.map((dueAtMs, offset) => aRecord(NEAR, offset, aDelivery({ dueAtMs }))),
    );
    await releaseAt(10);
    expect(watermark(NEAR)).toBe(0);
    await releaseAt(9_000);
    expect(watermark(NEAR)).toBe(3);
  });

  it('drops what a rebalance hands over again', async () => {
    const { scheduler, releaseAt, moved } = aScheduler();
    const records = [aRecord(NEAR, 0, aDelivery({ dueAtMs: 1 }))];
    scheduler.take(NEAR, records);
    scheduler.take(NEAR, records);
    await releaseAt(1);
    expect(moved).toHaveLength(1);
  });

  it('moves nothing of a lost partition', async () => {
    const { scheduler, releaseAt, moved } = aScheduler();
    scheduler.take(NEAR, [aRecord(NEAR, 0, aDelivery({ dueAtMs: 1 }))]);
    scheduler.lose(NEAR);
    await releaseAt(1);
    expect(moved).toEqual([]);
    expect(scheduler.sleeping).toBe(0);
  });

  it('buries a record it cannot read and commits past it', async () => {
    const { scheduler, buried, watermark } = aScheduler();
    scheduler.take(NEAR, [{ ...aRecord(NEAR, 0, aDelivery()), headers: {} }]);
    await settled();
    expect(buried).toEqual(['undecodable']);
    expect(watermark(NEAR)).toBe(1);
  });

  it('pauses a partition that holds enough and resumes it when half has gone', async () => {
    const { scheduler, flow, releaseAt } = aScheduler();
    const records = Array.from({ length: LEVEL_LIMITS.records }, (_, offset) =>
      aRecord(LEVEL_30S, offset, aDelivery({ dueAtMs: 40_000 }), offset),
    );
    scheduler.take(LEVEL_30S, records);
    expect(flow).toEqual(['pause t.delay.30s']);
    await releaseAt(30_000 + LEVEL_LIMITS.records / 2 - 2);
    expect(flow).toHaveLength(1);
    await releaseAt(30_000 + LEVEL_LIMITS.records / 2);
    expect(flow).toEqual(['pause t.delay.30s', 'resume t.delay.30s']);
  });
});
