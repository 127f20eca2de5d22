import { describe, expect, it } from '@jest/globals';
import { Scheduler } from './scheduler.js';

describe('Scheduler', () => {
  it('runs events by time, those of one time in the order they were scheduled', async () => {
    const scheduler = new Scheduler();
    const ran: string[] = [];
    for (const [name, delayMs] of [
      ['late', 20],
      ['first', 10],
      ['second', 10],
      ['now', 0],
    ] as const) {
      scheduler.after(delayMs, () => ran.push(name));
    }
    await scheduler.runUntilIdle();
    expect(ran).toEqual(['now', 'first', 'second', 'late']);
  });

  it('lets everything that an event has set in motion come to rest before the next', async () => {
    const scheduler = new Scheduler();
    const ran: string[] = [];
    scheduler.after(1, () => {
      void (async () => {
        for (let i = 0; i < 50; i += 1) await Promise.resolve();
        await new Promise<void>((resolve) => {
          process.nextTick(resolve);
        });
        ran.push('rest of the first');
      })();
    });
    scheduler.after(1, () => ran.push('second'));
    await scheduler.runUntilIdle();
    expect(ran).toEqual(['rest of the first', 'second']);
  });

  it('takes no real time, and stands where it was asked to', async () => {
    const scheduler = new Scheduler(1_000);
    const startedAtMs = performance.now();
    await scheduler.runFor(86_400_000);
    expect(scheduler.nowMs).toBe(86_401_000);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  it('runs no cancelled event', async () => {
    const scheduler = new Scheduler();
    const event = scheduler.after(1, () => {
      throw new Error('was cancelled');
    });
    event.cancelled = true;
    await scheduler.runUntilIdle();
    expect(scheduler.eventsRun).toBe(0);
  });

  it('says that what it waits for cannot come any more', async () => {
    const never = new Promise<void>(() => undefined);
    await expect(new Scheduler().runUntilSettled(never)).rejects.toThrow('has not come');
  });
});
