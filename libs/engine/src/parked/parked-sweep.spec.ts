import { describe, expect, it } from '@jest/globals';
import {
  decodeDelivery,
  decodeReport,
  encodeDelivery,
  topicNames,
  type ConsumedRecord,
  type Delivery,
  type EndpointState,
  type OutgoingRecord,
  type SubscriptionDocument,
} from '@hookstream/contracts';
import type { SubscriptionId } from '@hookstream/domain';
import { aDelivery, aDocument, asConsumed } from '@hookstream/testing';
import type { SubscriptionEntry } from '../dispatch/subscription-table.js';
import { GuardedBurials } from '../guard/guarded-burials.js';
import { TrackerTable } from '../tracker/tracker-table.js';
import type { Written } from './parked-ports.js';
import { ParkedSweep } from './parked-sweep.js';

const topics = topicNames('t.');
const AT = { topic: topics.parked, partition: 0 };
const HOUR_MS = 3_600_000;

/** The real sweep and trackers over a log in an array; clock, endpoints, settings and the producer are fakes. */
class Bench {
  nowMs = 1_000_000;
  brokerAway = false;
  tooLarge = 'nothing is';
  trackers = new TrackerTable({ handledKeys: 1, window: 4_194_304 });
  readonly log: ConsumedRecord[] = [];
  readonly written: OutgoingRecord[] = [];
  readonly buried: string[] = [];
  readonly states = new Map<string, EndpointState>();
  readonly entries = new Map<string, SubscriptionEntry>();
  reread = 0;
  rewritten = 0;
  vanished = 0;
  /** Retention has taken what is below. */
  logStart = 0;
  sweep = this.start();
  private takenEnd = 0;
  private readonly signal = new AbortController().signal;

  start(metadata = '', offset = 0): ParkedSweep {
    this.takenEnd = offset;
    this.trackers.assign(AT, { offset, metadata });
    return new ParkedSweep({
      topics,
      trackers: this.trackers,
      mostPerSecond: 300,
      now: () => this.nowMs,
      endpoint: (subscription) => this.states.get(subscription),
      subscription: (subscription) => this.entries.get(subscription),
      writer: { write: (records) => Promise.resolve(records.map((record) => this.write(record))) },
      burials: new GuardedBurials(
        {
          bury: (_, { reason }) => {
            this.buried.push(reason);
            return Promise.resolve();
          },
        },
        () => undefined,
      ),
      reader: {
        read: async ({ fromOffset, toOffset, onRecords, signal }) => {
          const wanted = this.log.slice(Math.max(fromOffset, this.logStart), toOffset);
          for (let at = 0; at < wanted.length && !signal.aborted; at += 500)
            await onRecords(wanted.slice(at, at + 500));
        },
      },
      observer: {
        released: () => undefined,
        ended: () => undefined,
        refused: () => undefined,
        rewritten: (count) => (this.rewritten += count),
        vanished: (count) => (this.vanished += count),
        reread: (count) => (this.reread += count),
      },
    });
  }

  /** Another process takes over from what was committed last. */
  restart(): void {
    const { offset, metadata } = this.trackers.get(AT)?.tracker.commitPoint() ?? { offset: 0, metadata: '' };
    this.sweep = this.start(metadata, offset);
    this.fetch();
  }

  park(count: number, part: Partial<Delivery> = {}): void {
    for (let n = 0; n < count; n += 1) {
      const id = `dlv_${(this.log.length + 1).toString(16).padStart(32, '0')}` as const;
      const delivery = aDelivery({ runStartedAtMs: this.nowMs, reason: 'overflow', ...part, id });
      this.append(encodeDelivery(topics.parked, delivery));
    }
    this.fetch();
  }

  append(record: OutgoingRecord): void {
    this.log.push(asConsumed(record, { offset: this.log.length, timestamp: this.nowMs }));
  }

  fetch(): void {
    this.sweep.take(AT, this.log.slice(this.takenEnd));
    this.takenEnd = this.log.length;
  }

  is(subscription: SubscriptionId, state: Partial<EndpointState>): void {
    this.states.set(subscription, {
      subscription,
      breaker: 'closed',
      openUntilMs: null,
      openings: 0,
      holdUntilMs: null,
      overflowing: false,
      consecutiveFailures: 0,
      atMs: this.nowMs,
      ...state,
    });
  }

  has(id: SubscriptionId, part: Partial<SubscriptionDocument> = {}): void {
    this.entries.set(id, {
      kind: 'subscription',
      document: aDocument({ id, ...part }),
      keys: () => [],
      open: Buffer.from,
    });
  }

  async pass(milliseconds: number, stepMs = 100): Promise<void> {
    for (const end = this.nowMs + milliseconds; this.nowMs < end;) {
      this.nowMs += stepMs;
      await this.sweep.release();
      if (this.nowMs % 1_000 === 0 || stepMs > 1_000) await this.sweep.look(this.signal);
    }
  }

  /** Deliveries that went back, by subscription. */
  released(subscription: string): Delivery[] {
    return this.written
      .filter(({ topic, key }) => topic === topics.deliveries && key === subscription)
      .map((record) => decodeDelivery(asConsumed(record)));
  }

  get ends() {
    return this.written
      .filter(({ topic }) => topic === topics.attempts)
      .map((record) => decodeReport(asConsumed(record)));
  }

  get committed(): number | undefined {
    return this.trackers.get(AT)?.tracker.commitPoint().offset;
  }

  private write(record: OutgoingRecord): Written {
    if (this.brokerAway) return { kind: 'refused', error: new Error('away') };
    if (record.value?.toString() === this.tooLarge) return { kind: 'too-large', detail: 'above the limit' };
    this.written.push(record);
    if (record.topic === topics.parked) this.append(record);
    return { kind: 'written' };
  }
}

const DEAD = 'sub_dead';
const WELL = 'sub_well';

describe('ParkedSweep', () => {
  it('gives back what an endpoint can take, slowly at first, changing nothing but the hops', async () => {
    const bench = new Bench();
    bench.park(2_000, { subscription: WELL, hops: 3 });
    await bench.pass(1_000);
    expect(bench.released(WELL).length).toBeGreaterThan(10);
    expect(bench.released(WELL).length).toBeLessThan(40);
    expect(bench.released(WELL)[0]).toMatchObject({ hops: 4, reason: 'overflow', attempt: 1 });
    await bench.pass(30_000);
    expect(new Set(bench.released(WELL).map(({ id }) => id)).size).toBe(2_000);
    expect(bench.released(WELL)).toHaveLength(2_000);
    expect([bench.committed, bench.sweep.waiting, bench.sweep.ready]).toEqual([2_000, 0, 0]);
  });

  it('reads of very many records what goes next and no more', async () => {
    const bench = new Bench();
    bench.park(40_000, { subscription: WELL });
    await bench.pass(5_000);
    const went = bench.released(WELL).length;
    expect(went).toBeGreaterThan(200);
    // Of each look one fetch, some more where it began with what had gone already.
    expect(bench.reread).toBeLessThan(8_000);
  });

  it('neither reads nor writes anything for an endpoint that stays dead', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    bench.has(DEAD);
    bench.park(50_000, { subscription: DEAD });
    await bench.pass(20 * 60_000, 10_000);
    expect([bench.reread, bench.written.length, bench.sweep.ready]).toEqual([0, 0, 0]);
  });

  it('lets those behind a dead endpoint’s records pass within a second or two', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    bench.is(WELL, { overflowing: true });
    bench.park(50_000, { subscription: DEAD });
    bench.park(20, { subscription: WELL });
    bench.states.delete(WELL);
    await bench.pass(2_000);
    expect(bench.released(WELL)).toHaveLength(20);
    expect(bench.reread).toBeLessThan(4_096);
    expect(bench.released(DEAD)).toEqual([]);
  });

  it('sends one record to probe when a breaker’s time is over, and the next when nothing has come of it', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + 5_000 });
    bench.park(1_000, { subscription: DEAD });
    await bench.pass(4_000);
    expect(bench.released(DEAD)).toHaveLength(0);
    await bench.pass(20_000);
    expect(bench.released(DEAD)).toHaveLength(1);
    await bench.pass(15_000);
    expect(bench.released(DEAD)).toHaveLength(2);
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + 60_000 });
    await bench.pass(59_000);
    expect(bench.released(DEAD)).toHaveLength(2);
  });

  it('halves the pace of an endpoint that overflows, and goes on when it does not any more', async () => {
    const bench = new Bench();
    bench.park(3_000, { subscription: WELL });
    await bench.pass(4_000);
    const before = bench.released(WELL).length;
    bench.is(WELL, { overflowing: true });
    await bench.pass(5_000);
    expect(bench.released(WELL)).toHaveLength(before);
    bench.states.delete(WELL);
    await bench.pass(2_000);
    const resumed = bench.released(WELL).length - before;
    expect(resumed).toBeGreaterThan(20);
    expect(resumed).toBeLessThan(200);
  });

  it('keeps what is paused, and gives it back when it is resumed, whatever the endpoint was like before', async () => {
    const bench = new Bench();
    bench.has(WELL, { paused: true });
    bench.is(WELL, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    bench.park(10, { subscription: WELL });
    await bench.pass(10_000);
    expect(bench.released(WELL)).toEqual([]);
    bench.has(WELL, { resumedAtMs: bench.nowMs });
    await bench.pass(2_000);
    expect(bench.released(WELL)).toHaveLength(10);
  });

  it('takes nothing out that is paused while it is in memory', async () => {
    const bench = new Bench();
    bench.park(500, { subscription: WELL });
    await bench.pass(1_000);
    bench.has(WELL, { paused: true });
    const before = bench.released(WELL).length;
    await bench.pass(1_000);
    expect([bench.released(WELL).length, bench.sweep.ready]).toEqual([before, 0]);
  });

  it('ends by age what waits too long, and by the newest settings', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + 100 * HOUR_MS });
    bench.has(DEAD);
    const { maxAgeMs } = aDocument().settings.retry;
    bench.park(3_000, { subscription: DEAD });
    bench.nowMs += maxAgeMs - 60_000;
    bench.park(1, { subscription: DEAD });
    await bench.pass(50_000, 10_000);
    expect(bench.ends).toEqual([]);
    await bench.pass(60_000, 10_000);
    expect(bench.ends).toHaveLength(3_000);
    expect(bench.ends[0]).toMatchObject({ state: 'exhausted', reason: 'max-age', settles: { topic: topics.parked } });
    expect([bench.committed, bench.sweep.waiting]).toEqual([3_000, 1]);
    const readSoFar = bench.reread;
    await bench.pass(120_000, 10_000);
    expect(bench.reread).toBe(readSoFar);
  });

  it.each([
    ['deactivated', { active: false }, 'subscription-inactive'],
    ['active again, since after their runs began', { activatedAtMs: 2_000_000 }, 'subscription-inactive'],
  ])('cancels what waits for a subscription that is %s', async (_, part, reason) => {
    const bench = new Bench();
    bench.has(DEAD, { paused: true });
    bench.park(700, { subscription: DEAD });
    bench.has(DEAD, part);
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    await bench.pass(40_000);
    expect(bench.ends.map((ended) => [ended.state, ended.reason])).toEqual(Array(700).fill(['cancelled', reason]));
    expect(bench.sweep.waiting).toBe(0);
  });

  it('gives nothing back that has ended before it was read', async () => {
    const bench = new Bench();
    bench.has(WELL, { active: false });
    bench.park(5, { subscription: WELL });
    await bench.pass(2_000);
    expect([bench.released(WELL).length, bench.ends.length]).toEqual([0, 5]);
  });

  it('cancels what waits for a subscription that is deleted', async () => {
    const bench = new Bench();
    bench.has(DEAD, { paused: true });
    bench.park(10, { subscription: DEAD });
    bench.entries.set(DEAD, { kind: 'deleted' });
    await bench.pass(2_000);
    expect(bench.ends.map(({ reason }) => reason)).toEqual(Array(10).fill('subscription-deleted'));
  });

  it('loses nothing when it is killed in between, and repeats only what it had not committed, with the same key', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    for (let n = 0; n < 40; n += 1) {
      bench.park(20, { subscription: DEAD });
      bench.park(20, { subscription: WELL });
    }
    await bench.pass(3_000);
    bench.restart();
    await bench.pass(30_000);
    const keys = bench.released(WELL).map(({ id, hops }) => `${id}/${hops}`);
    expect([keys.length, new Set(keys).size]).toEqual([800, 800]);
    bench.states.delete(DEAD);
    await bench.pass(30_000);
    expect(bench.released(DEAD)).toHaveLength(800);
    expect(bench.committed).toBe(1_600);
  });

  it('tries again what could not be written, and buries what never can', async () => {
    const bench = new Bench();
    bench.brokerAway = true;
    bench.park(5, { subscription: WELL });
    bench.park(1, { subscription: WELL, data: Buffer.from('large') });
    await bench.pass(3_000);
    expect(bench.committed).toBe(0);
    bench.brokerAway = false;
    bench.tooLarge = 'large';
    await bench.pass(3_000);
    expect(bench.released(WELL)).toHaveLength(5);
    expect([bench.buried, bench.committed]).toEqual([['oversize'], 6]);
  });

  it('buries a record it cannot read', async () => {
    const bench = new Bench();
    bench.append({ topic: topics.parked, key: WELL, value: Buffer.from('?'), headers: {} });
    bench.park(1, { subscription: WELL });
    await bench.pass(1_000);
    expect([bench.buried, bench.committed]).toEqual([['undecodable'], 2]);
  });

  it('writes the oldest anew where a commit has no room for all that is finished, but never sooner than after ten minutes', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + 100 * HOUR_MS });
    for (let n = 0; n < 4_000; n += 1) {
      bench.park(1, { subscription: DEAD });
      bench.park(1, { subscription: WELL });
    }
    await bench.pass(60_000);
    expect(bench.released(WELL)).toHaveLength(4_000);
    expect([bench.committed, bench.rewritten]).toEqual([0, 0]);
    await bench.pass(10 * 60_000, 10_000);
    bench.fetch();
    expect(bench.rewritten).toBeGreaterThan(0);
    expect(bench.committed).toBeGreaterThan(0);
    bench.states.delete(DEAD);
    await bench.pass(60_000);
    expect(new Set(bench.released(DEAD).map(({ id }) => id)).size).toBe(4_000);
  });

  it('forgets what retention has taken, of that subscription only, and gives back what is left', async () => {
    const bench = new Bench();
    bench.is(DEAD, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    bench.is(WELL, { breaker: 'open', openUntilMs: bench.nowMs + HOUR_MS });
    for (let n = 0; n < 1_500; n += 1) {
      bench.park(1, { subscription: DEAD });
      bench.park(1, { subscription: WELL });
    }
    bench.logStart = 1_500;
    bench.states.delete(DEAD);
    await bench.pass(60_000);
    expect(bench.released(DEAD)).toHaveLength(750);
    expect([bench.vanished, bench.sweep.waiting, bench.committed]).toEqual([1_500, 750, 1_501]);
    const readSoFar = bench.reread;
    await bench.pass(60_000);
    expect(bench.reread).toBe(readSoFar);
    bench.states.delete(WELL);
    await bench.pass(60_000);
    expect([bench.released(WELL).length, bench.sweep.waiting, bench.committed]).toEqual([750, 0, 3_000]);
  });

  it('lets one subscription’s backlog not hold up another’s', async () => {
    const bench = new Bench();
    for (let n = 0; n < 30; n += 1) bench.park(1_000, { subscription: `sub_${n}` });
    await bench.pass(10_000);
    const counts = Array.from({ length: 30 }, (_, n) => bench.released(`sub_${n}`).length);
    expect(Math.min(...counts)).toBeGreaterThan(100);
    expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(12_300);
  });
});
