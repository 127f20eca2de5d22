import { describe, expect, it } from '@jest/globals';
import { timestampToUtc, toUtc } from './event-time.js';

describe('toUtc', () => {
  it.each([
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z'],
    ['2026-03-01t12:00:00.120z', '2026-03-01T12:00:00.120Z'],
    ['2026-03-01T00:30:00.123456789+01:00', '2026-02-28T23:30:00.123456789Z'],
    ['2026-12-31T23:30:00-05:30', '2027-01-01T05:00:00Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.12345678901234Z', '2026-01-01T00:00:00.123456789Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(toUtc(text)).toBe(expected);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00+24:00',
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:30:00-01:00',
    '1700000000',
    'yesterday',
    '',
  ])('refuses %s', (text) => {
    expect(toUtc(text)).toBeUndefined();
  });
});

describe('timestampToUtc', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1970-01-01T00:00:00.000Z'],
    [1_700_000_000_123, '2023-11-14T22:13:20.123Z'],
    [Number.MAX_SAFE_INTEGER, '9999-12-31T23:59:59.999Z'],
    [Number.NaN, '1970-01-01T00:00:00.000Z'],
  ])('makes a time of any timestamp: %d is %s', (timestamp, expected) => {
    expect(timestampToUtc(timestamp)).toBe(expected);
  });
});
