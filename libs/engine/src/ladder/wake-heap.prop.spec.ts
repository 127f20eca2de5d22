import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WakeHeap } from './wake-heap.js';

describe('WakeHeap', () => {
  it('wakes items in the order of their times, and none before its time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.integer({ min: 0, max: 60 }), (times, nowMs) => {
        const heap = new WakeHeap<number>();
        for (const time of times) heap.push(time, time);
        const due = times.filter((time) => time <= nowMs).sort((a, b) => a - b);
        expect(heap.popUntil(nowMs, 10)).toEqual(due.slice(0, 10));
        expect(heap.popUntil(nowMs, Number.POSITIVE_INFINITY)).toEqual(due.slice(10));
        expect(heap.size).toBe(times.length - due.length);
      }),
    );
  });

  it('keeps its order after items were dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
        const heap = new WakeHeap<number>();
        for (const time of times) heap.push(time, time);
        heap.retain((time) => time % 2 === 0);
        const even = times.filter((time) => time % 2 === 0).sort((a, b) => a - b);
        expect(heap.nextWakeAtMs).toBe(even[0]);
        expect(heap.popUntil(100, 100)).toEqual(even.slice(0, 100));
      }),
    );
  });
});
