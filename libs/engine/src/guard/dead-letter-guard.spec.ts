import { describe, expect, it } from '@jest/globals';
import { DeadLetterGuard } from './dead-letter-guard.js';

function aGuard() {
  const told: (string | undefined)[] = [];
  const guard = new DeadLetterGuard((why) => told.push(why));
  const bury = (count: number) => Array.from({ length: count }, () => guard.tolerates('defect'));
  return { guard, told, bury };
}

describe('DeadLetterGuard', () => {
  it('tolerates ten dead letters in a row and not an eleventh, and says why', () => {
    const { guard, told, bury } = aGuard();
    expect(bury(11).lastIndexOf(true)).toBe(9);
    expect([guard.admits(), told.length]).toEqual([false, 1]);
    expect(guard.closedBecause).toContain('defect');
  });

  it('tolerates one now and then for ever', () => {
    const { guard, told } = aGuard();
    for (let round = 0; round < 100; round += 1) {
      expect(guard.tolerates('defect')).toBe(true);
      for (let good = 0; good < 5; good += 1) guard.passed();
    }
    expect(told).toEqual([]);
  });

  it('tries one record at a time while it is closed, and opens for all when one passes', async () => {
    const { guard, told, bury } = aGuard();
    bury(11);
    let tried = 0;
    const waiting = [1, 2, 3].map(() => guard.turn().then(() => (tried += 1)));
    guard.tick();
    await Promise.resolve();
    expect([tried, guard.admits(), guard.admits()]).toEqual([1, true, false]);
    guard.passed();
    await Promise.all(waiting);
    expect([guard.closedBecause, guard.admits(), told.length]).toEqual([undefined, true, 2]);
    expect(bury(11).lastIndexOf(true)).toBe(9);
  });

  it('lets go of what waits when nothing is decided any more', async () => {
    const { guard, bury } = aGuard();
    bury(11);
    const waiting = guard.turn();
    guard.giveUp();
    await expect(waiting).rejects.toThrow('nothing is decided');
  });
});
