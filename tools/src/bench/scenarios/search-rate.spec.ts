import { describe, expect, it } from '@jest/globals';
import { highestHeld } from './search-rate.js';

const SEARCH = { first: 500, lowest: 50, highest: 20_000 };

function upTo(limit: number): (rate: number) => Promise<boolean> {
  return (rate) => Promise.resolve(rate <= limit);
}

describe('highestHeld', () => {
  it.each([500, 700, 1_234, 5_000])('comes within 15 %% below what can be sustained: %d/s', async (limit) => {
    const found = await highestHeld(SEARCH, upTo(limit));
    expect(found).toBeLessThanOrEqual(limit);
    expect(found).toBeGreaterThan(limit * 0.85);
  });

  it('goes down where the first rate is too much', async () => {
    await expect(highestHeld(SEARCH, upTo(130))).resolves.toBe(125);
  });

  it('finds nothing where nothing holds', async () => {
    await expect(highestHeld(SEARCH, upTo(0))).resolves.toBe(0);
  });

  it('stops at the highest rate that it may try', async () => {
    await expect(highestHeld({ ...SEARCH, highest: 900 }, upTo(1e9))).resolves.toBe(845);
  });

  it('tries a rate once more before it gives it up', async () => {
    const tried = new Map<number, number>();
    const holdsOnce = (rate: number) => {
      tried.set(rate, (tried.get(rate) ?? 0) + 1);
      return Promise.resolve(rate === 500 && tried.get(rate) === 2);
    };
    await expect(highestHeld(SEARCH, holdsOnce)).resolves.toBe(500);
  });
});
