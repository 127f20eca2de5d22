import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_RETRY_SCHEDULE_MS, defaultMaxAgeMs } from '../subscription/subscription.js';
import { DELIVERY_STATES, isTerminal, stateRank } from './delivery-state.js';
import { classifyResult } from './outcome.js';
import { parseRetryAfter } from './retry-after.js';
import { MAX_RETRY_AFTER_MS, planNextAttempt } from './retry-plan.js';

const policy = { scheduleMs: [5_000, 300_000], jitter: 0.2, maxAgeMs: 3_600_000, nonRetryableStatuses: [400, 422] };

describe('classifyResult', () => {
  const endpoint = { successStatuses: ['2xx' as const] };

  it.each([
    [200, 'success'],
    [204, 'success'],
    [301, 'retryable'],
    [410, 'gone'],
    [422, 'non-retryable-status'],
    [404, 'retryable'],
    [500, 'retryable'],
  ])('a %d is %s', (status, kind) => {
    expect(classifyResult({ kind: 'status', status }, endpoint, policy).kind).toBe(kind);
  });

  it('retries what got no response', () => {
    expect(classifyResult({ kind: 'no-response' }, endpoint, policy)).toEqual({ kind: 'retryable', retryAfterMs: 0 });
  });

  it('lets a subscription call 410 a success', () => {
    expect(classifyResult({ kind: 'status', status: 410 }, { successStatuses: [410] }, policy).kind).toBe('success');
  });
});

describe('planNextAttempt', () => {
  const run = { attemptsMade: 1, startedAtMs: 0, retryAfterMs: 0 };

  it('follows the schedule when chance is in the middle', () => {
    expect(planNextAttempt(policy, run, 1_000, 0.5)).toEqual({ kind: 'retry', dueAtMs: 6_000 });
    expect(planNextAttempt(policy, { ...run, attemptsMade: 2 }, 1_000, 0.5)).toEqual({
      kind: 'retry',
      dueAtMs: 301_000,
    });
  });

  it('varies a delay by no more than the jitter', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (random) => {
        const plan = planNextAttempt(policy, run, 0, random);
        expect(plan.kind === 'retry' && plan.dueAtMs >= 4_000 && plan.dueAtMs <= 6_000).toBe(true);
      }),
    );
  });

  it('ends when the schedule is spent', () => {
    expect(planNextAttempt(policy, { ...run, attemptsMade: 3 }, 0, 0.5)).toEqual({
      kind: 'exhausted',
      reason: 'attempts',
    });
  });

  it('repeats the last delay where it is asked to, until the maximum age', () => {
    const untilSuccess = { ...policy, repeatLast: true, maxAgeMs: 7 * 86_400_000 };
    expect(planNextAttempt(untilSuccess, { ...run, attemptsMade: 1 }, 0, 0.5)).toEqual({
      kind: 'retry',
      dueAtMs: 5_000,
    });
    expect(planNextAttempt(untilSuccess, { ...run, attemptsMade: 1_000 }, 1_000, 0.5)).toEqual({
      kind: 'retry',
      dueAtMs: 301_000,
    });
    const old = 7 * 86_400_000 - 1_000;
    expect(planNextAttempt(untilSuccess, { ...run, attemptsMade: 1_000 }, old, 0.5)).toEqual({
      kind: 'exhausted',
      reason: 'max-age',
    });
    expect(planNextAttempt({ ...untilSuccess, scheduleMs: [] }, run, 0, 0.5).kind).toBe('exhausted');
  });

  it('keeps a week by default where the last delay repeats, and the schedule where that is longer', () => {
    expect(defaultMaxAgeMs({ scheduleMs: [60_000], repeatLast: true })).toBe(7 * 86_400_000);
    expect(defaultMaxAgeMs({ scheduleMs: [6 * 86_400_000], repeatLast: true })).toBe(9 * 86_400_000);
  });

  it('makes ten attempts by default', () => {
    const defaults = { ...policy, scheduleMs: DEFAULT_RETRY_SCHEDULE_MS, maxAgeMs: Number.MAX_SAFE_INTEGER };
    expect(planNextAttempt(defaults, { ...run, attemptsMade: 9 }, 0, 0.5).kind).toBe('retry');
    expect(planNextAttempt(defaults, { ...run, attemptsMade: 10 }, 0, 0.5).kind).toBe('exhausted');
  });

  it('ends a run that would be older than its maximum age', () => {
    expect(planNextAttempt(policy, { ...run, startedAtMs: 0 }, 3_599_000, 0.5)).toEqual({
      kind: 'exhausted',
      reason: 'max-age',
    });
  });

  it('lets Retry-After lengthen a delay, never shorten it, and believes a day at most', () => {
    const due = (retryAfterMs: number) =>
      planNextAttempt({ ...policy, maxAgeMs: 1e12 }, { ...run, retryAfterMs }, 0, 0.5);
    expect(due(60_000)).toEqual({ kind: 'retry', dueAtMs: 60_000 });
    expect(due(1_000)).toEqual({ kind: 'retry', dueAtMs: 5_000 });
    expect(due(1e11)).toEqual({ kind: 'retry', dueAtMs: MAX_RETRY_AFTER_MS });
  });
});

describe('parseRetryAfter', () => {
  const nowMs = Date.UTC(1994, 10, 6, 8, 49, 7);

  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('reads "%s"', (field, milliseconds) => {
    expect(parseRetryAfter(field, nowMs)).toBe(milliseconds);
  });

  it('takes a two-digit year more than 50 years ahead for the past', () => {
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(2026, 0, 1))).toBe(0);
  });

  it.each(['', 'soon', '-5', '1.5', '1994-11-06', 'Sun, 99 Foo 1994 08:49:37 GMT', '99999999999'])(
    'ignores "%s"',
    (field) => {
      expect(parseRetryAfter(field, nowMs)).toBeUndefined();
    },
  );
});

describe('delivery states', () => {
  it('rise from pending to delivered, and all but the first two end a run', () => {
    expect(DELIVERY_STATES.filter((state) => !isTerminal(state))).toEqual(['pending', 'retrying']);
    const ranks = DELIVERY_STATES.map(stateRank);
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect(stateRank('delivered')).toBeGreaterThan(stateRank('exhausted'));
  });
});
