import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dueAtMs, dueBy, latenciesMs } from './schedule.js';

const schedules = fc.record({
  startsAtMs: fc.integer({ min: 0, max: 1_000_000 }),
  perSecond: fc.integer({ min: 1, max: 50_000 }),
  count: fc.integer({ min: 1, max: 10_000 }),
});

describe('an open loop', () => {
  it('never starts a request before its moment and none late', () => {
    fc.assert(
      fc.property(schedules, fc.integer({ min: 0, max: 2_000_000 }), (schedule, nowMs) => {
        const due = dueBy(schedule, nowMs);
        if (due > 0) expect(dueAtMs(schedule, due - 1)).toBeLessThanOrEqual(nowMs + 1e-6);
        if (due < schedule.count) expect(dueAtMs(schedule, due)).toBeGreaterThan(nowMs - 1e-6);
      }),
    );
  });

  it('starts nothing before it begins and not more than it has', () => {
    const schedule = { startsAtMs: 1_000, perSecond: 10, count: 5 };
    expect(dueBy(schedule, 999)).toBe(0);
    expect(dueBy(schedule, 1_000)).toBe(1);
    expect(dueBy(schedule, 1_000_000)).toBe(5);
  });
});

describe('latenciesMs', () => {
  it('counts from the scheduled moment, without those before the given number and those that never arrived', () => {
    const schedule = { startsAtMs: 1_000, perSecond: 10, count: 4 };
    const arrivals = Float64Array.of(1_050, 1_103, NaN, 1_400);
    expect([...latenciesMs(schedule, arrivals, 1)]).toEqual([3, 100]);
  });
});
