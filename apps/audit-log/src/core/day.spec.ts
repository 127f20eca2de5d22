import { describe, expect, it } from '@jest/globals';
import { addDays, dayOf, expiredDays } from './day.js';

describe('days', () => {
  it('begin at midnight in UTC', () => {
    expect(dayOf(Date.parse('2026-05-18T23:59:59.999Z'))).toBe('2026-05-18');
    expect(dayOf(Date.parse('2026-05-19T00:30:00+01:00'))).toBe('2026-05-18');
  });

  it('are counted over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
  });

  it('expire when they are older than the days kept', () => {
    expect(expiredDays(['2026-05-20', '2026-04-20', '2026-04-19', '2026-04-21'], '2026-05-20', 30)).toEqual([
      '2026-04-19',
    ]);
  });
});
