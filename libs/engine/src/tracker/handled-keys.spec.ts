import { describe, expect, it } from '@jest/globals';
import { deliveryId } from '@hookstream/domain';
import fc from 'fast-check';
import { HandledKeys, type HandledKey } from './handled-keys.js';

const id = (n: number) => deliveryId(`evt_${n}`, 'sub_1');
const key = (n: number, more: Partial<HandledKey> = {}): HandledKey => ({
  id: id(n),
  run: '0',
  attempt: 1,
  hops: 0,
  ...more,
});

describe('HandledKeys', () => {
  it('knows a record whose attempt did not begin after all, and lets the same attempt come by another way', () => {
    const handled = new HandledKeys(4);
    const key = { id: 'dlv_1', run: '0', attempt: 1, hops: 0 } as const;
    handled.add(key);
    handled.begin(key);
    handled.retract(key);
    expect([handled.add(key), handled.add({ ...key, hops: 2 })]).toEqual([false, true]);
    expect([handled.begin({ ...key, hops: 2 }), handled.begin(key)]).toEqual([true, false]);
  });

  it('takes a key once', () => {
    const keys = new HandledKeys(10);
    expect([keys.add(key(1)), keys.add(key(1)), keys.add(key(2))]).toEqual([true, false, true]);
  });

  it.each<[string, Partial<HandledKey>]>([
    ['attempt', { attempt: 2 }],
    ['run', { run: 'rpl_1' }],
    ['hop', { hops: 1 }],
  ])('takes another %s of the same delivery for other work', (_, more) => {
    const keys = new HandledKeys(10);
    keys.add(key(1));
    expect(keys.add(key(1, more))).toBe(true);
    expect(keys.add(key(1, more))).toBe(false);
  });

  it('tells ids apart that are no hashes', () => {
    const keys = new HandledKeys(10);
    expect(keys.add({ ...key(1), id: 'dlv_zebra' })).toBe(true);
    expect(keys.add({ ...key(1), id: 'dlv_yak' })).toBe(true);
  });

  it('takes no record of an attempt that a former owner has made, however often it hopped', () => {
    const keys = new HandledKeys(10);
    const { hops, ...attempt } = key(1);
    keys.recall(attempt);
    keys.recall(attempt);
    expect([keys.add(key(1, { hops })), keys.add(key(1, { hops: 3 }))]).toEqual([false, false]);
    expect([keys.add(key(1, { attempt: 2 })), keys.add(key(1, { run: 'rpl_1' })), keys.add(key(2))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('begins one of several records of an attempt, and takes no other one after that', () => {
    const keys = new HandledKeys(10);
    const [first, second] = [key(1), key(1, { hops: 2 })];
    expect([keys.add(first), keys.add(second)]).toEqual([true, true]);
    expect([keys.begin(second), keys.begin(first), keys.begin(second)]).toEqual([true, false, false]);
    expect([keys.add(first), keys.add(key(1, { hops: 3 })), keys.add(key(1, { attempt: 2 }))]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('needs no more room for what has begun than for what was added', () => {
    const keys = new HandledKeys(4);
    for (let n = 1; n <= 20; n += 1) {
      expect([keys.add(key(n)), keys.begin(key(n))]).toEqual([true, true]);
      if (n > 3) expect([n, n - 1, n - 2, n - 3].map((kept) => keys.add(key(kept, { hops: 1 })))).not.toContain(true);
    }
    expect(keys.add(key(16))).toBe(true);
  });

  it('forgets a recalled attempt like any other key', () => {
    const keys = new HandledKeys(3);
    const { hops, ...attempt } = key(1);
    keys.recall(attempt);
    for (let n = 2; n <= 4; n += 1) keys.add(key(n));
    expect(keys.add(key(1, { hops }))).toBe(true);
  });

  it('remembers exactly the last so many keys, like a list would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(30), { maxLength: 300 }), (capacity, sequence) => {
        const keys = new HandledKeys(capacity);
        const list: number[] = [];
        for (const n of sequence) {
          const isNew = !list.includes(n);
          expect(keys.add(key(n))).toBe(isNew);
          if (!isNew) continue;
          list.push(n);
          if (list.length > capacity) list.shift();
        }
      }),
    );
  });
});
