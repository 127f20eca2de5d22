import { describe, expect, it } from '@jest/globals';
import { latencyClassOf, noLatencies, percentileMs } from './latencies.js';

function latenciesOf(...durations: readonly number[]): number[] {
  const counts = noLatencies();
  for (const duration of durations) {
    const index = latencyClassOf(duration);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

describe('latencies', () => {
  it('tell percentiles by the bound of the class they lie in', () => {
    const counts = latenciesOf(...Array<number>(98).fill(42), 900, 14_000);
    expect(percentileMs(counts, 0.5)).toBe(50);
    expect(percentileMs(counts, 0.99)).toBe(1_000);
    expect(percentileMs(counts, 1)).toBe(15_000);
  });

  it('tell the last bound of what took longer, and nothing of nothing', () => {
    expect(percentileMs(latenciesOf(99_000), 0.5)).toBe(30_000);
    expect(percentileMs(noLatencies(), 0.5)).toBeNull();
  });
});
