import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventHeap } from './event-heap.js';

describe('EventHeap', () => {
  it('gives events back by time, then by sequence, whatever order they came in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
        const heap = new EventHeap();
        const events = times.map((atMs, sequence) => ({ atMs, sequence, run: () => undefined, cancelled: false }));
        for (const event of events) heap.push(event);
        const popped = events.map(() => heap.pop());
        expect(popped).toEqual([...events].sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence));
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });
});
