import { describe, expect, it } from '@jest/globals';
import { trafficPattern } from './traffic-mix.js';

describe('trafficPattern', () => {
  const pattern = trafficPattern(
    [
      { types: ['a', 'b', 'c', 'd'], share: 0.9 },
      { types: ['sick'], share: 0.1 },
    ],
    1_000,
  );
  const count = (type: string) => pattern.filter((other) => other === type).length;

  it('gives each share its part, evenly over its types', () => {
    expect(count('sick')).toBe(100);
    expect(['a', 'b', 'c', 'd'].map(count)).toEqual([225, 225, 225, 225]);
  });

  it('spreads a type over the whole pattern', () => {
    const positions = pattern.flatMap((type, n) => (type === 'sick' ? [n] : []));
    const gaps = positions.slice(1).map((position, n) => position - (positions[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(15);
  });
});
