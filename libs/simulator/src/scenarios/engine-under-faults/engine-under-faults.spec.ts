import { describe, expect, it } from '@jest/globals';
import { scenarios } from '../scenarios.js';
import { engineUnderFaults } from './engine-under-faults.js';

// A few seeds, from source. Hundreds run over the built simulator in apps/e2e/simulation: the context in which Jest
// evaluates modules makes one and the same run ten times as long.
describe('the dispatcher in simulated processes', () => {
  it.each(scenarios.map(({ name, run }) => ({ name, run })))(
    'keeps its promises in $name',
    async ({ run }) => {
      await run(1);
    },
    60_000,
  );

  it('makes the same run of the same seed', async () => {
    const first = await engineUnderFaults.run(11);
    expect(await engineUnderFaults.run(11)).toEqual(first);
  }, 60_000);
});
