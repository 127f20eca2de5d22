import { describe, expect, it } from '@jest/globals';
import { DELAY_LEVELS, topicNames } from '@hookstream/contracts';
import fc from 'fast-check';
import { hopTopic, planHop } from './plan-hop.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Walks the ladder with levels that hold exactly their length, and tells when the record would be released. */
function walk(delayMs: number): { releasedAtMs: number; hops: number } {
  let nowMs = 0;
  let hops = 0;
  for (;;) {
    const hop = planHop({ plannedAtMs: 0, dueAtMs: delayMs }, nowMs);
    if (hop.kind === 'due') return { releasedAtMs: nowMs, hops };
    nowMs = hop.kind === 'near' ? delayMs : nowMs + (DELAY_LEVELS[hop.level]?.[1] ?? Number.NaN);
    hops += 1;
  }
}

describe('planHop', () => {
  it.each([
    [0, 'due'],
    [-5, 'due'],
    [1, 'near'],
    [10_000, 'near'],
  ])('sends a record with %d ms left to be %s', (left, kind) => {
    expect(planHop({ plannedAtMs: 0, dueAtMs: left }, 0).kind).toBe(kind);
  });

  it.each([
    [10_001, '10s'],
    [29_400, '10s'],
    [29_500, '30s'],
    [30_000, '30s'],
    [300_000, '5m'],
    [296_000, '5m'],
    [290_000, '2m'],
    [2 * HOUR, '2h'],
    [5 * HOUR, '3h'],
    [20 * HOUR, '12h'],
    [7 * DAY, '24h'],
  ])('sends a record with %d ms left to the level of %s', (left, level) => {
    expect(hopTopic(topicNames('t.'), { plannedAtMs: 0, dueAtMs: left }, 0)).toBe(`t.delay.${level}`);
  });

  it('never releases early, and at most half a second or 1.5 % late, for any delay up to 30 days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * DAY }), (delayMs) => {
        const { releasedAtMs } = walk(delayMs);
        expect(releasedAtMs).toBeGreaterThanOrEqual(delayMs);
        expect(releasedAtMs - delayMs).toBeLessThanOrEqual(Math.max(500, delayMs * 0.015));
      }),
    );
  });

  it('takes few hops: at most seven within a day, and one more for each day beyond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * DAY }), (delayMs) => {
        expect(walk(delayMs).hops).toBeLessThanOrEqual(7 + Math.floor(delayMs / DAY));
      }),
    );
  });

  it('takes less than four hops on average over the delays of a day', () => {
    const delays = Array.from({ length: 10_000 }, (_, index) => Math.round(((index + 1) * DAY) / 10_000));
    const hops = delays.reduce((sum, delayMs) => sum + walk(delayMs).hops, 0);
    expect(hops / delays.length).toBeLessThan(4);
  });
});
