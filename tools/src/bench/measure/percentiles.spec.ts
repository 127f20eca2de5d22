import { describe, expect, it } from '@jest/globals';
import { percentile, summarize } from './percentiles.js';

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, n) => n + 1);

  it.each([
    [50, 50],
    [90, 90],
    [99, 99],
    [99.5, 100],
    [100, 100],
    [0, 1],
  ])('takes the nearest rank for %d %%', (percent, expected) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  it('is no number where there is no value', () => {
    expect(percentile(new Float64Array(), 50)).toBeNaN();
  });
});

describe('summarize', () => {
  it('sorts by size, not by text, and leaves its input alone', () => {
    const values = Float64Array.of(100, 9, 20);
    expect(summarize(values)).toEqual({ count: 3, p50: 20, p90: 100, p99: 100, max: 100 });
    expect([...values]).toEqual([100, 9, 20]);
  });
});
