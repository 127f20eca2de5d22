import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaitingIndex } from './waiting-index.js';

const subscriptions = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20_000 });

describe('WaitingIndex', () => {
  it('counts each subscription right, wherever its records lie, however coarse it has become', () => {
    fc.assert(
      fc.property(subscriptions, fc.integer({ min: 10, max: 200 }), (owners, maxEntries) => {
        const index = new WaitingIndex(maxEntries);
        for (const [at, owner] of owners.entries()) index.add(at * 7, `sub_${owner}`, at, at);
        for (const [at, owner] of owners.entries()) if (at % 3 === 0) index.remove(at * 7, `sub_${owner}`);
        const left = owners.filter((_, at) => at % 3 !== 0);
        expect(index.size).toBe(left.length);
        for (const subscription of new Set(left.map((owner) => `sub_${owner}`))) {
          const inStretches = [...index.values()].reduce(
            (sum, { waiters }) => sum + (waiters.get(subscription)?.count ?? 0),
            0,
          );
          expect(inStretches).toBe(index.countOf(subscription));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('needs a thousand entries for a million records of one subscription', () => {
    const index = new WaitingIndex();
    for (let offset = 0; offset < 1_000_000; offset += 1) index.add(offset, 'sub_1', offset, offset);
    expect([...index.values()]).toHaveLength(977);
  });

  it('becomes coarser where many subscriptions wait in many places, and still finds the oldest', () => {
    const index = new WaitingIndex(1_000);
    for (let offset = 0; offset < 100_000; offset += 1) index.add(offset, `sub_${offset % 50}`, offset, offset);
    const stretches = [...index.values()];
    expect(stretches.length * 50).toBeLessThanOrEqual(1_000);
    expect(stretches[0]?.waiters.get('sub_7')?.oldestRunStartedAtMs).toBe(7);
    expect(index.stretchStart(99_999)).toBe(stretches.at(-1)?.from);
  });
});
