import { describe, expect, it } from '@jest/globals';
import { medianBy, usualP99 } from './median.js';

describe('medianBy', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2],
    [[7], 7],
  ])('finds the one in the middle of %j', (items, middle) => {
    expect(medianBy(items, (item) => item)).toBe(middle);
  });

  it('is of something', () => {
    expect(() => medianBy([], () => 0)).toThrow(RangeError);
  });
});

describe('usualP99', () => {
  it('is not that of the one part in which all was slow', () => {
    const quiet = Array.from({ length: 100 }, (_, n) => n + 1);
    const slow = quiet.map((value) => value * 100);
    expect(usualP99(Float64Array.from([...quiet, ...slow, ...quiet]), 3)).toBe(99);
  });
});
