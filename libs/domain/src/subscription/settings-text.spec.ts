import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.js';
import { isStatusPattern, matchesStatus } from './status-list.js';
import { DEFAULT_RETRY_SCHEDULE_MS, defaultMaxAgeMs, MAX_AGE_LIMIT_MS } from './subscription.js';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 's', '-5s', '1.5s', '5 s', '5S', '1h30m', '9999999999s'])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('are written so that they are read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  it.each([
    [300_000, '5m'],
    [90_000, '90s'],
    [86_400_000, '1d'],
    [1_500, '1500ms'],
    [0, '0ms'],
  ])('%d ms is written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('status lists', () => {
  it('match numbers and classes', () => {
    expect(matchesStatus(['2xx', 304], 204)).toBe(true);
    expect(matchesStatus(['2xx', 304], 304)).toBe(true);
    expect(matchesStatus(['2xx', 304], 302)).toBe(false);
    expect(matchesStatus([], 200)).toBe(false);
  });

  it('know what is none', () => {
    expect([200, '5xx', 599].every(isStatusPattern)).toBe(true);
    expect([99, 600, 200.5, '6xx', '2XX', '20x', null].some(isStatusPattern)).toBe(false);
  });
});

describe('defaultMaxAgeMs', () => {
  it('is one and a half times the schedule, between an hour and 30 days', () => {
    expect(defaultMaxAgeMs({ scheduleMs: [1_000] })).toBe(3_600_000);
    expect(defaultMaxAgeMs({ scheduleMs: [10_000_000] })).toBe(15_000_000);
    expect(formatDuration(defaultMaxAgeMs({ scheduleMs: DEFAULT_RETRY_SCHEDULE_MS }))).toBe('6803m');
    expect(defaultMaxAgeMs({ scheduleMs: DEFAULT_RETRY_SCHEDULE_MS })).toBeGreaterThan(75 * 3_600_000);
    expect(defaultMaxAgeMs({ scheduleMs: Array<number>(100).fill(86_400_000) })).toBe(MAX_AGE_LIMIT_MS);
  });
});
