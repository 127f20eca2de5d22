import { describe, expect, it } from '@jest/globals';
import { logPromises } from './log-promises.js';

describe('the log under faults', () => {
  it('loses nothing acknowledged, keeps order, and lets only owners set offsets back, whatever happens', async () => {
    // Hundreds of seeds run over the built simulator: see apps/e2e/simulation.
    for (let seed = 1; seed <= 5; seed += 1) await logPromises.run(seed);
  }, 60_000);

  it('makes the same run of the same seed, and another of another', async () => {
    const [first, again, other] = [await logPromises.run(7), await logPromises.run(7), await logPromises.run(8)];
    expect(again).toEqual(first);
    expect(other.digest).not.toBe(first.digest);
  });
});
