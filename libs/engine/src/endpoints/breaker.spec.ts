import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Breaker, FIRST_OPEN_MS, MAX_OPEN_MS } from './breaker.js';

const T0 = 1_000_000;

function failing(count: number, breaker = new Breaker(), nowMs = T0): Breaker {
  for (let n = 0; n < count; n += 1) breaker.failed(breaker.epoch, `evt_${n}`, nowMs);
  return breaker;
}

/** Open, its time over, and one probe succeeded. */
function halfOpen(): Breaker {
  const breaker = failing(5);
  breaker.succeeded(breaker.epoch, T0 + FIRST_OPEN_MS);
  return breaker;
}

describe('Breaker', () => {
  it('opens for 30 s at the fifth failure in a row', () => {
    expect(failing(4).state).toBe('closed');
    expect(failing(5)).toMatchObject({ state: 'open', openUntilMs: T0 + FIRST_OPEN_MS, openings: 1, allowance: 1 });
  });

  it('stays closed however often one single event fails', () => {
    const breaker = new Breaker();
    for (let n = 0; n < 9; n += 1) breaker.failed(breaker.epoch, 'evt_1', T0);
    expect(breaker.state).toBe('closed');
  });

  it('opens when half of ten within a minute failed, and forgets what is older', () => {
    const alternate = (breaker: Breaker, everyMs: number) => {
      for (let n = 0; n < 5; n += 1) {
        breaker.succeeded(breaker.epoch, T0 + 2 * n * everyMs);
        breaker.failed(breaker.epoch, `evt_${n}`, T0 + (2 * n + 1) * everyMs);
      }
      return breaker.state;
    };
    expect(alternate(new Breaker(), 1_000)).toBe('open');
    expect(alternate(new Breaker(), 10_000)).toBe('closed');
  });

  it('opens at a stall, and any late success ends that', () => {
    const breaker = new Breaker();
    const before = breaker.epoch;
    breaker.stalled(T0);
    expect(breaker.state).toBe('open');
    breaker.failed(before, 'evt_1', T0 + 1);
    expect(breaker.state).toBe('open');
    breaker.succeeded(before, T0 + 2);
    expect(breaker.state).toBe('half-open');
  });

  it('does not believe a late success of before it opened by failures', () => {
    const breaker = new Breaker();
    const before = breaker.epoch;
    failing(5, breaker);
    breaker.succeeded(before, T0 + 1);
    expect(breaker.state).toBe('open');
  });

  it('lets any record probe when its time is over, and before that one a second that keeps its own schedule', () => {
    const breaker = failing(5);
    const ask = (ownSchedule: boolean, afterMs: number) => breaker.mayProbe(ownSchedule, T0 + afterMs);
    expect([ask(false, 29_999), ask(false, 30_000)]).toEqual([false, true]);
    expect([ask(true, 999), ask(true, 1_000)]).toEqual([false, true]);
    breaker.started(T0 + 1_000);
    expect([ask(true, 1_999), ask(true, 2_000)]).toEqual([false, true]);
  });

  it('is as good as open for longer while the probe that was waited for is under way', () => {
    const breaker = failing(5);
    breaker.started(T0 + 10_000);
    expect(breaker.openUntilMs).toBe(T0 + 30_000);
    breaker.started(T0 + 31_000);
    expect([breaker.openUntilMs, breaker.mayProbe(false, T0 + 60_999)]).toEqual([T0 + 61_000, false]);
    breaker.failed(breaker.epoch, 'evt_probe', T0 + 41_000);
    expect([breaker.openUntilMs, breaker.openings]).toEqual([T0 + 101_000, 2]);
  });

  it('stays open twice as long after each failed probe, up to 15 min, but not after an early one', () => {
    const breaker = failing(5);
    breaker.failed(breaker.epoch, 'evt_early', T0 + 5_000);
    expect(breaker.openUntilMs).toBe(T0 + FIRST_OPEN_MS);
    let nowMs = T0;
    const lengths: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      lengths.push((breaker.openUntilMs ?? 0) - nowMs);
      nowMs = breaker.openUntilMs ?? 0;
      breaker.failed(breaker.epoch, 'evt_probe', nowMs);
    }
    expect(lengths).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, MAX_OPEN_MS, MAX_OPEN_MS]);
  });

  it('gives a recovering endpoint 1, 2, 4, 8 requests at once, then all', () => {
    const breaker = failing(5);
    const allowances: number[] = [];
    for (let n = 0; n < 15; n += 1) {
      allowances.push(breaker.allowance);
      breaker.succeeded(breaker.epoch, T0 + FIRST_OPEN_MS);
    }
    expect(allowances).toEqual([1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8]);
    expect(breaker).toMatchObject({ state: 'closed', openings: 0, consecutiveFailures: 0 });
  });

  it('halves what a recovering endpoint is given at a failure, and opens for longer at one', () => {
    const breaker = halfOpen();
    for (let n = 0; n < 2; n += 1) breaker.succeeded(breaker.epoch, T0 + FIRST_OPEN_MS);
    const given = [breaker.allowance];
    for (let n = 0; n < 3; n += 1) {
      breaker.failed(breaker.epoch, 'evt_1', T0 + FIRST_OPEN_MS);
      given.push(breaker.allowance);
    }
    expect(given).toEqual([4, 2, 1, 1]);
    expect(breaker).toMatchObject({ state: 'open', openings: 2, openUntilMs: T0 + FIRST_OPEN_MS + 60_000 });
  });

  it('is open again after a restart, until the same time', () => {
    const breaker = new Breaker({ openUntilMs: T0, openings: 3 });
    expect([breaker.mayProbe(false, T0 - 1), breaker.mayProbe(false, T0)]).toEqual([false, true]);
    breaker.failed(breaker.epoch, 'evt_1', T0);
    expect(breaker.openUntilMs).toBe(T0 + 240_000);
  });

  it('is open for 30 s to 15 min at a time, asks an open endpoint one by one, and always closes on successes', () => {
    const step = fc.record({
      kind: fc.constantFrom('success', 'failure', 'failure', 'late success', 'late failure', 'stall'),
      event: fc.integer({ min: 0, max: 3 }),
      passMs: fc.nat({ max: 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const breaker = new Breaker();
        let nowMs = T0;
        for (const { kind, event, passMs } of steps) {
          const before = breaker.openUntilMs;
          nowMs += passMs;
          const epoch = kind.startsWith('late') ? breaker.epoch - 1 : breaker.epoch;
          if (kind.endsWith('success')) breaker.succeeded(epoch, nowMs);
          if (kind.endsWith('failure')) breaker.failed(epoch, `evt_${event}`, nowMs);
          if (kind === 'stall') breaker.stalled(nowMs);
          const { state, openUntilMs, allowance } = breaker;
          expect(state === 'open').toBe(openUntilMs !== undefined);
          if (state === 'open') expect(allowance).toBe(1);
          expect(allowance).toBeGreaterThanOrEqual(1);
          if (openUntilMs === undefined || openUntilMs === before) continue;
          expect(openUntilMs - nowMs).toBeGreaterThanOrEqual(FIRST_OPEN_MS);
          expect(openUntilMs - nowMs).toBeLessThanOrEqual(MAX_OPEN_MS);
        }
        for (let n = 0; n < 20; n += 1) breaker.succeeded(breaker.epoch, nowMs);
        expect(breaker.state).toBe('closed');
      }),
    );
  });
});
