import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from './seeded-random.js';

const take = (random: SeededRandom, count: number) => Array.from({ length: count }, () => random.next());

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed, and others for others', () => {
    expect(take(new SeededRandom(1), 20)).toEqual(take(new SeededRandom(1), 20));
    expect(take(new SeededRandom(1), 20)).not.toEqual(take(new SeededRandom(2), 20));
  });

  it('is spread evenly', () => {
    const mean = take(new SeededRandom(42), 20_000).reduce((sum, each) => sum + each) / 20_000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
  });

  it('forks into streams that have nothing in common', () => {
    const random = new SeededRandom(7);
    expect(take(random.fork(), 20)).not.toEqual(take(random.fork(), 20));
  });
});
