import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { recordWith } from '../../../test/support/arbitrary-histories.js';
import { anEvent, anOccurrence, T0 } from '../../../test/support/records.js';
import { FlushQueue, type FlushBounds } from './flush-queue.js';
import type { LogUnit } from './log-unit.js';
import { rowsOfEvent } from './rows-of-record.js';

const BOUNDS: FlushBounds = { lingerMs: 5, maxRows: 10, maxBytes: 1_000_000 };

function units(count: number, from = 0): LogUnit[] {
  return Array.from({ length: count }, (_, i) => ({
    record: recordWith(from + i),
    rows: rowsOfEvent(anOccurrence(anEvent(from + i)), { timestamp: T0 }),
  }));
}

/** A flush that is finished by hand. */
class HeldFlushes {
  readonly begun: { readonly offsets: number[]; readonly finish: () => void; readonly fail: (error: Error) => void }[] =
    [];

  flush = (taken: readonly LogUnit[]): Promise<void> =>
    new Promise((resolve, reject) => {
      this.begun.push({ offsets: taken.map(({ record }) => record.offset), finish: resolve, fail: reject });
    });
}

/** Longer than the linger. */
const soon = () => jest.advanceTimersByTimeAsync(30);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the flush queue', () => {
  it('writes batches that come within the linger together, and is done when they are written', async () => {
    const held = new HeldFlushes();
    const queue = new FlushQueue(held.flush, BOUNDS);
    const done: string[] = [];
    const both = [
      queue.submit(units(1, 1)).then(() => done.push('a')),
      queue.submit(units(2, 5)).then(() => done.push('b')),
    ];
    await soon();
    expect(held.begun.map(({ offsets }) => offsets)).toEqual([[1, 5, 6]]);
    expect(done).toEqual([]);
    held.begun[0]?.finish();
    await Promise.all(both);
  });

  it('does not linger for a batch that is in a hurry, and takes along what waits', async () => {
    const held = new HeldFlushes();
    const queue = new FlushQueue(held.flush, { ...BOUNDS, lingerMs: 60_000 });
    const both = [queue.submit(units(1, 1)), queue.submit(units(1, 2), 5)];
    await soon();
    expect(held.begun.map(({ offsets }) => offsets)).toEqual([[1, 2]]);
    held.begun[0]?.finish();
    await Promise.all(both);
  });

  it('writes one flush at a time and gathers what comes meanwhile', async () => {
    const held = new HeldFlushes();
    const queue = new FlushQueue(held.flush, BOUNDS);
    const first = queue.submit(units(1, 0));
    await soon();
    const others = [queue.submit(units(1, 1)), queue.submit(units(1, 2))];
    await soon();
    expect(held.begun).toHaveLength(1);
    held.begun[0]?.finish();
    await first;
    await soon();
    expect(held.begun[1]?.offsets).toEqual([1, 2]);
    held.begun[1]?.finish();
    await Promise.all(others);
  });

  it('waits for nobody when it is full, and takes no second batch above its bounds', async () => {
    const held = new HeldFlushes();
    const queue = new FlushQueue(held.flush, { ...BOUNDS, lingerMs: 60_000 });
    const all = [queue.submit(units(6, 0)), queue.submit(units(6, 10)), queue.submit(units(20, 20))];
    expect(held.begun.map(({ offsets }) => offsets.length)).toEqual([6]);
    held.begun[0]?.finish();
    await all[0];
    await soon();
    expect(held.begun.map(({ offsets }) => offsets.length)).toEqual([6, 6]);
    held.begun[1]?.finish();
    await soon();
    expect(held.begun.map(({ offsets }) => offsets.length)).toEqual([6, 6, 20]);
    held.begun[2]?.finish();
    await Promise.all(all);
  });

  it('fails the batches of a failed flush only', async () => {
    const held = new HeldFlushes();
    const queue = new FlushQueue(held.flush, BOUNDS);
    const failing = expect(queue.submit(units(1, 0))).rejects.toThrow('away');
    await soon();
    const next = queue.submit(units(1, 1));
    held.begun[0]?.fail(new Error('away'));
    await failing;
    await soon();
    held.begun[1]?.finish();
    await expect(next).resolves.toBeUndefined();
  });
});
