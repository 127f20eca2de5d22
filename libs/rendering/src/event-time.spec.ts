import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toUtc } from './event-time.js';

describe("an event's time in UTC", () => {
  it.each([
    ['2022-11-03T20:26:10.344522Z', '2022-11-03T20:26:10.344522Z'],
    ['2022-11-03t20:26:10z', '2022-11-03T20:26:10Z'],
    ['2022-11-03T01:26:10.123456789+02:00', '2022-11-02T23:26:10.123456789Z'],
    ['2023-12-31T22:45:00-01:30', '2024-01-01T00:15:00Z'],
    ['2016-12-31T18:59:60-05:00', '2016-12-31T23:59:60Z'],
    ['0050-06-01T00:00:00+00:00', '0050-06-01T00:00:00Z'],
  ])('%s is %s', (time, utc) => {
    expect(toUtc(time)).toBe(utc);
  });

  it.each(['', 'yesterday', '2022-11-03', '2022-11-03T20:26:10', '2022-11-03T20:26Z', '2022-11-03T20:26:10+24:00'])(
    'refuses %j',
    (time) => {
      expect(() => toUtc(time)).toThrow(RangeError);
    },
  );

  it('is the same moment, whatever the offset', () => {
    const dates = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, fc.integer({ min: -1439, max: 1439 }), (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const two = (value: number): string => String(value).padStart(2, '0');
        const size = Math.abs(offset);
        const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        expect(toUtc(local + zone)).toBe(date.toISOString());
      }),
    );
  });
});
