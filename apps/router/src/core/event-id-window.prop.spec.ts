import { describe, expect, it } from '@jest/globals';
import { eventIdFromOrigin, type EventId } from '@hookstream/domain';
import fc from 'fast-check';
import { EventIdWindow } from './event-id-window.js';

const idOf = (n: number): EventId => eventIdFromOrigin({ topic: 't', partition: 0, offset: n }, 0);

/** Ids whose first words are the same or nearly so: every one collides with others. */
const collidingIdOf = (n: number): EventId =>
  `evt_${(0xfffffff8 + (n % 8)).toString(16)}${'0'.repeat(16)}${n.toString(16).padStart(8, '0')}`;

describe('EventIdWindow', () => {
  it.each([
    ['ids as they are', idOf],
    ['ids that collide', collidingIdOf],
  ])('holds exactly the last ids put in: %s', (_, makeId) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(30), { maxLength: 120 }), (capacity, ids) => {
        const window = new EventIdWindow(capacity);
        const model: number[] = [];
        for (const id of ids) {
          expect(window.has(makeId(id))).toBe(model.includes(id));
          window.add(makeId(id));
          if (!model.includes(id)) model.push(id);
          if (model.length > capacity) model.shift();
        }
        for (let id = 0; id <= 30; id += 1) expect(window.has(makeId(id))).toBe(model.includes(id));
      }),
      { numRuns: 300 },
    );
  });

  it('grows to its capacity and no further', () => {
    const capacity = 5_000;
    const window = new EventIdWindow(capacity);
    for (let n = 0; n < 12_000; n += 1) window.add(idOf(n));
    const kept = Array.from({ length: 12_000 }, (_, n) => n).filter((n) => window.has(idOf(n)));
    expect(kept).toEqual(Array.from({ length: capacity }, (_, n) => 7_000 + n));
  });

  it('refuses an id that it cannot keep in full, for a mistaken repeat would be a lost event', () => {
    expect(() => {
      new EventIdWindow(1).add('evt_short');
    }).toThrow('no event id');
  });
});
