import { describe, expect, it } from '@jest/globals';
import { engineFrozen, engineRebalancing, engineRolling, engineUnderFaults } from './engine-under-faults.js';

describe('the dispatcher in simulated processes', () => {
  it('brings every accepted delivery to its one end under every fault, never early, and repeats only what was under way', async () => {
    for (let seed = 1; seed <= 25; seed += 1) await engineUnderFaults.run(seed);
  }, 180_000);

  it('repeats only what was under way when processes come and go in good order', async () => {
    for (let seed = 1; seed <= 15; seed += 1) await engineRebalancing.run(seed);
  }, 180_000);

  it('begins nothing that others own when its processes are stopped and wake', async () => {
    for (let seed = 1; seed <= 15; seed += 1) await engineFrozen.run(seed);
  }, 180_000);

  it('repeats nothing when its processes are restarted in good order', async () => {
    for (let seed = 1; seed <= 10; seed += 1) await engineRolling.run(seed);
  }, 180_000);

  it('makes the same run of the same seed', async () => {
    const first = await engineUnderFaults.run(11);
    expect(await engineUnderFaults.run(11)).toEqual(first);
  }, 180_000);
});
