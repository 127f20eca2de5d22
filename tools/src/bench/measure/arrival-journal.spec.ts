import { describe, expect, it } from '@jest/globals';
import { ArrivalJournal } from './arrival-journal.js';

describe('ArrivalJournal', () => {
  it('keeps when each event first arrived and how often it did', () => {
    const journal = new ArrivalJournal();
    journal.open(3, 3);
    journal.note({ phase: 3, number: 2 }, 10);
    journal.note({ phase: 3, number: 0 }, 20);
    journal.note({ phase: 3, number: 2 }, 30);
    expect(journal.tally(3)).toEqual({ received: 3, distinct: 2, firstAtMs: 10, lastAtMs: 30 });
    expect([...journal.arrivals(3).arrivals]).toEqual([20, NaN, 10]);
    expect([...journal.arrivals(3).counts]).toEqual([1, 0, 2]);
  });

  it.each([undefined, { phase: 9, number: 0 }, { phase: 1, number: 2 }])('counts %j as a stray', (tag) => {
    const journal = new ArrivalJournal();
    journal.open(1, 2);
    journal.note(tag, 1);
    expect(journal.strays).toBe(1);
    expect(journal.tally(1).received).toBe(0);
  });
});
