import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inBatches, retoldHistories } from '../../../test/support/arbitrary-histories.js';
import { mergeRows } from './merge-rows.js';

describe('merged rows', () => {
  it('end the same however reports are ordered, repeated and grouped', () => {
    fc.assert(
      fc.property(retoldHistories, ({ told, retold, batches }) => {
        const stepwise = inBatches(retold, batches).map(mergeRows);
        // Outcomes stay a log; whoever counts them passes over repeats.
        expect({ ...mergeRows(stepwise), outcomes: [] }).toEqual({ ...mergeRows(told), outcomes: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('are sorted by id, each id once', () => {
    fc.assert(
      fc.property(retoldHistories, ({ retold }) => {
        const ids = mergeRows(retold).deliveries.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].sort());
      }),
      { numRuns: 30 },
    );
  });
});
