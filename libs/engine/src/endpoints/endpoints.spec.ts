import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LANE_LIMITS, Lanes, type LaneItem } from '../lanes/lanes.js';
import { Endpoints } from './endpoints.js';

interface Item extends LaneItem {
  readonly enqueuedAtMs: number;
}

const STEP_MS = 5;

/**
 * Lanes and endpoints on a virtual clock, by steps of 5 ms. Every step each healthy endpoint gets one record and answers
 * it after 10 ms; sick ones get one too and never answer.
 */
function simulate({ healthy, sick, stepsOf }: { healthy: number; sick: number; stepsOf: number }) {
  let nowMs = 0;
  const endpoints = new Endpoints({
    limits: () => ({ concurrency: 64 }),
    restore: () => undefined,
    tell: () => undefined,
    workShare: () => 0,
    slowPlaces: 32,
    now: () => nowMs,
  });
  const lanes = new Lanes<Item>(endpoints, { ...DEFAULT_LANE_LIMITS, inFlight: 64, unsettled: 128 });
  const ends: { readonly atMs: number; readonly end: () => void }[] = [];
  const waits: number[] = [];
  const candidate = (lane: string) => ({ lane, partition: 0, ownSchedule: false });
  const arrive = (lane: string) => {
    if (endpoints.takes(candidate(lane), lanes.queuedIn(lane)))
      lanes.enqueue({ lane, group: 'org', bytes: 1, enqueuedAtMs: nowMs });
  };
  const pump = () => {
    for (let item = lanes.next(); item; item = lanes.next()) {
      const started = item;
      const attempt = endpoints.begin(candidate(item.lane), `evt_${nowMs}`);
      if (item.lane.startsWith('sick')) continue;
      waits.push(nowMs - item.enqueuedAtMs);
      const end = () => {
        attempt.end({ result: 'success', congested: false, holdMs: 0 });
        lanes.responded(started);
        lanes.settled(started);
      };
      ends.push({ atMs: nowMs + 10, end });
    }
  };
  for (let step = 0; step < stepsOf; step += 1) {
    nowMs += STEP_MS;
    for (let due = ends[0]; due && due.atMs <= nowMs; due = ends[0]) {
      due.end();
      ends.shift();
    }
    for (let n = 0; n < healthy; n += 1) arrive(`healthy${n}`);
    for (let n = 0; n < sick; n += 1) arrive(`sick${n}`);
    if (step % 20 === 0) {
      endpoints.tick();
      lanes.wake();
    }
    pump();
  }
  waits.sort((a, b) => a - b);
  return { waits, p99: waits[Math.floor(waits.length * 0.99)] ?? Infinity, endpoints };
}

describe('Endpoints', () => {
  it('keeps places for healthy endpoints, however many others hang', () => {
    const alone = simulate({ healthy: 8, sick: 0, stepsOf: 2_000 });
    const beside = simulate({ healthy: 8, sick: 20, stepsOf: 2_000 });
    expect(beside.waits.length).toBeGreaterThanOrEqual(alone.waits.length - 16);
    expect(beside.p99).toBeLessThanOrEqual(alone.p99 + STEP_MS);
    expect(beside.endpoints.apart).toBeLessThanOrEqual(32);
  });

  it('counts an endpoint as slow until it has answered, and again when it hangs', () => {
    let nowMs = 0;
    const endpoints = new Endpoints({
      limits: () => ({ concurrency: 4 }),
      restore: () => undefined,
      tell: () => undefined,
      workShare: () => 0,
      slowPlaces: 1,
      now: () => nowMs,
    });
    const a = { lane: 'a', partition: 0, ownSchedule: false };
    const first = endpoints.begin(a, 'evt_1');
    expect([endpoints.apart, endpoints.admits({ key: 'a', inFlight: 1, queued: 1 })]).toEqual([1, false]);
    const second = endpoints.begin(a, 'evt_2');
    first.end({ result: 'success', congested: false, holdMs: 0 });
    expect([endpoints.apart, endpoints.admits({ key: 'a', inFlight: 1, queued: 1 })]).toEqual([0, true]);
    nowMs += 1_500;
    endpoints.tick();
    expect([endpoints.apart, endpoints.admits({ key: 'a', inFlight: 1, queued: 1 })]).toEqual([1, false]);
    second.abandon();
    expect(endpoints.apart).toBe(0);
  });

  it('tells what changes of an endpoint, once, and nothing of healthy ones', () => {
    let nowMs = 1_000;
    const told: unknown[] = [];
    const endpoints = new Endpoints({
      limits: () => ({ concurrency: 4 }),
      restore: (lane) => (lane === 'open' ? { breaker: { openUntilMs: 900, openings: 2 } } : undefined),
      workShare: () => 0,
      tell: (lane, standing) => told.push([lane, standing?.breaker, standing?.holdUntilMs]),
      slowPlaces: 10,
      now: () => nowMs,
    });
    const attempt = (lane: string, result: 'success' | 'failure', holdMs = 0) => {
      const started = endpoints.begin({ lane, partition: 0, ownSchedule: false }, 'evt_1');
      started.end({ result, congested: false, holdMs });
      endpoints.tick();
      endpoints.tick();
      nowMs += 100;
    };
    attempt('held', 'failure', 5_000);
    attempt('healthy', 'success');
    attempt('open', 'failure');
    for (let n = 0; n < 15; n += 1) attempt('open', 'success');
    nowMs += 5_000;
    endpoints.tick();
    expect(told).toEqual([
      ['held', 'closed', 6_000],
      ['open', 'open', undefined],
      ['open', 'half-open', undefined],
      ['open', undefined, undefined],
      ['held', undefined, undefined],
    ]);
  });

  it('tells an overflow again while it lasts, and its end although nobody asks any more', () => {
    let nowMs = 0;
    const told: (boolean | undefined)[] = [];
    const endpoints = new Endpoints({
      limits: () => ({ concurrency: 1 }),
      restore: () => undefined,
      tell: (_, standing) => told.push(standing?.overflowing),
      workShare: () => 0,
      slowPlaces: 10,
      now: () => nowMs,
    });
    endpoints.takes({ lane: 'sub_1', partition: 0, ownSchedule: false }, 0);
    for (; nowMs < 50_000; nowMs += 100) {
      endpoints.keeps('sub_1', 1_000, Infinity);
      endpoints.tick();
    }
    expect(told).toEqual([true, true, true]);
    for (; nowMs < 55_000; nowMs += 100) endpoints.tick();
    expect(told).toEqual([true, true, true, undefined]);
  });

  it('forgives what an endpoint has done so far, and tells so', () => {
    const told: unknown[] = [];
    const endpoints = new Endpoints({
      limits: () => ({ concurrency: 1 }),
      restore: () => ({ breaker: { openUntilMs: 60_000, openings: 3 }, holdUntilMs: 90_000 }),
      tell: (_, standing) => told.push(standing),
      workShare: () => 0,
      slowPlaces: 10,
      now: () => 1_000,
    });
    const candidate = { lane: 'sub_1', partition: 0, ownSchedule: false };
    expect(endpoints.takes(candidate, 0)).toBe(false);
    endpoints.forgive('sub_1');
    endpoints.tick();
    expect([endpoints.takes(candidate, 0), told]).toEqual([true, [undefined]]);
  });

  it('forgets the endpoints of a lost partition, and healthy ones that nobody writes to', () => {
    let nowMs = 0;
    const endpoints = new Endpoints({
      limits: () => ({ concurrency: 4 }),
      tell: () => undefined,
      workShare: () => 0,
      restore: (lane) => (lane === 'held' ? { holdUntilMs: 10_000_000 } : undefined),
      slowPlaces: 10,
      now: () => nowMs,
    });
    for (const [lane, partition] of [['lost', 1] as const, ['idle', 2] as const, ['held', 2] as const]) {
      endpoints.takes({ lane, partition, ownSchedule: false }, 0);
    }
    endpoints.forget(1);
    expect(endpoints.size).toBe(2);
    nowMs += 700_000;
    endpoints.tick();
    expect(endpoints.size).toBe(1);
  });
});
