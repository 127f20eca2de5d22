import { describe, expect, it } from '@jest/globals';
import { Simulation } from '../simulation.js';

function started() {
  const simulation = new Simulation({ seed: 1 });
  return { simulation, replica: simulation.replica('r') };
}

describe('Replica', () => {
  it('runs nothing any more once it is killed: no timer, no interval, no answer', async () => {
    const { simulation, replica } = started();
    const ran: string[] = [];
    replica.setTimeout(() => ran.push('timeout'), 10);
    replica.setInterval(() => ran.push('interval'), 10);
    void simulation
      .log(replica)
      .admin()
      .listTopics()
      .then(() => ran.push('answer'));
    replica.kill();
    await simulation.scheduler.runUntilIdle();
    expect(ran).toEqual([]);
  });

  it('finds what came while it was frozen when it is thawed, and the clock gone on', async () => {
    const { simulation, replica } = started();
    const ranAtMs: number[] = [];
    replica.setTimeout(() => ranAtMs.push(replica.performanceNow()), 10);
    replica.freeze();
    await simulation.scheduler.runFor(5_000);
    expect(ranAtMs).toEqual([]);
    replica.thaw();
    await simulation.scheduler.runUntilIdle();
    expect(ranAtMs).toEqual([5_000]);
  });

  it('runs no timer that was cleared by what came before it at the thaw', async () => {
    const { simulation, replica } = started();
    const ran: string[] = [];
    replica.setTimeout(() => {
      ran.push('first');
      replica.clearTimeout(second);
    }, 10);
    const second = replica.setTimeout(() => ran.push('second'), 11);
    replica.freeze();
    await simulation.scheduler.runFor(100);
    replica.thaw();
    await simulation.scheduler.runUntilIdle();
    expect(ran).toEqual(['first']);
  });

  it('drains on SIGTERM before it is gone', async () => {
    const { simulation, replica } = started();
    let drainedAtMs: number | undefined;
    replica.onTerminate(async () => {
      await replica.sleep(100);
      drainedAtMs = replica.performanceNow();
    });
    await simulation.scheduler.runUntilSettled(replica.terminate());
    expect([drainedAtMs, replica.state]).toEqual([100, 'dead']);
  });
});
