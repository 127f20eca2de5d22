import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordWith } from '../../../test/support/arbitrary-histories.js';
import { anEvent, anOccurrence, T0 } from '../../../test/support/records.js';
import type { LogRows } from './log-rows.js';
import { rowsOfEvent } from './rows-of-record.js';
import { RowsRefused, writeUnits, type LogStore } from './write-units.js';

const unit = (n: number) => ({
  record: recordWith(n),
  rows: rowsOfEvent(anOccurrence(anEvent(n)), { timestamp: T0 }),
});

/** Refuses whole writes that hold a bad event, as a transaction does. */
class PickyStore implements LogStore {
  readonly stored: string[] = [];
  writes = 0;

  constructor(private readonly bad: ReadonlySet<string>) {}

  write(rows: LogRows): Promise<void> {
    this.writes += 1;
    const ids = rows.events.map(({ attributes }) => attributes.id);
    if (ids.some((id) => this.bad.has(id))) return Promise.reject(new RowsRefused('bad'));
    this.stored.push(...ids);
    return Promise.resolve();
  }
}

describe('writing units', () => {
  it('stores all but those at fault, each once, and names these', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.uniqueArray(fc.nat(59), { maxLength: 8 }),
        async (count, bad) => {
          const units = Array.from({ length: count }, (_, n) => unit(n));
          const store = new PickyStore(new Set(bad.map((n) => anEvent(n).id)));
          const refused = await writeUnits(units, store);
          const atFault = bad.filter((n) => n < count).sort((a, b) => a - b);
          expect(refused.map(({ unit: { record } }) => record.offset)).toEqual(atFault);
          expect(store.stored).toHaveLength(count - atFault.length);
          expect(new Set(store.stored).size).toBe(store.stored.length);
          expect(store.writes).toBeLessThanOrEqual(1 + 2 * atFault.length * Math.ceil(Math.log2(Math.max(2, count))));
        },
      ),
    );
  });

  it('stores nothing further and blames nobody when the store is away', async () => {
    const away = { write: () => Promise.reject(new Error('connection refused')) };
    await expect(writeUnits([unit(1), unit(2)], away)).rejects.toThrow('connection refused');
  });
});
