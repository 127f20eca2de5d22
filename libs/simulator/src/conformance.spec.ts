import { describe, it } from '@jest/globals';
import { recordLogCases } from '@hookstream/testing';
import { Simulation } from './simulation.js';
import { eventuallyOn } from './clock/eventually-on.js';

describe("the simulator's log", () => {
  it.each(recordLogCases)('$claim', async ({ verify }) => {
    const simulation = new Simulation({ seed: 1 });
    const replica = simulation.replica('conformance');
    let names = 0;
    await simulation.scheduler.runUntilSettled(
      verify({
        log: simulation.log(replica),
        uniqueName: () => `name-${names++}`,
        eventually: eventuallyOn(replica),
      }),
    );
  });
});
