import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AdaptiveWindow } from './adaptive-window.js';
import { Pace, type Running } from './pace.js';
import { TokenBucket } from './token-bucket.js';

describe('AdaptiveWindow', () => {
  it('grows to the limit while all goes well', () => {
    const window = new AdaptiveWindow();
    expect([window.within(64), window.within(4)]).toEqual([16, 4]);
    for (let n = 0; n < 48; n += 1) window.succeeded(64);
    expect(window.within(64)).toBe(64);
  });

  it('is halved once for all the requests that ran when it became too much, and then grows slowly', () => {
    const window = new AdaptiveWindow();
    for (let n = 0; n < 16; n += 1) window.congested(100, 1_000);
    expect(window.within(64)).toBe(8);
    window.congested(1_001, 2_000);
    for (let n = 0; n < 5; n += 1) window.succeeded(64);
    expect(window.within(64)).toBe(5);
  });

  it('never leaves 1 … limit, whatever happens', () => {
    const step = fc.record({ good: fc.boolean(), limit: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const window = new AdaptiveWindow();
        for (const [nowMs, { good, limit }] of steps.entries()) {
          if (good) window.succeeded(limit);
          else window.congested(nowMs, nowMs);
          expect(window.within(limit)).toBeGreaterThanOrEqual(1);
          expect(window.within(limit)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});

describe('TokenBucket', () => {
  it('lets through what its rate allows, and a second’s worth at once, whenever it is asked', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), gaps, (perSecond, waits) => {
        const bucket = new TokenBucket(perSecond, 0);
        let [nowMs, taken] = [0, 0];
        for (const waitMs of waits) {
          nowMs += waitMs;
          for (; bucket.hasToken(nowMs); taken += 1) bucket.take(nowMs);
          expect(taken).toBeLessThanOrEqual(perSecond + (nowMs / 1_000) * perSecond + 1e-6);
        }
      }),
    );
  });

  it('gives no more than its new rate after a change', () => {
    const bucket = new TokenBucket(100, 0);
    bucket.limitTo(1);
    bucket.hasToken(0);
    bucket.take(0);
    expect([bucket.hasToken(999), bucket.hasToken(1_000)]).toEqual([false, true]);
  });
});

describe('Pace', () => {
  const run = (pace: Pace<Running>, fromMs: number, tookMs: number) => {
    const request = { startedAtMs: fromMs, askedAtMs: fromMs };
    pace.started(request);
    pace.ended(request, 'success', fromMs + tookMs);
  };

  it('counts on what answers usually take', () => {
    const pace = new Pace();
    for (let n = 0; n < 50; n += 1) run(pace, n, 20);
    expect(pace.slotsPerSecond(64, 1_000)).toBeCloseTo(3_200);
  });

  it('counts on no place that a hanging request occupies, and still on the others', () => {
    const pace = new Pace();
    run(pace, 0, 10);
    pace.started({ startedAtMs: 0, askedAtMs: 0 });
    expect(pace.slotsPerSecond(4, 10_000)).toBeCloseTo(300.1);
    for (let n = 0; n < 3; n += 1) pace.started({ startedAtMs: 0, askedAtMs: 0 });
    expect(pace.slotsPerSecond(4, 10_000)).toBeCloseTo(0.4);
  });
});
