import { describe, expect, it } from '@jest/globals';
import { costPerDelivery, wholePath } from './path-cost.js';

describe('the cost of a path', () => {
  const cost = costPerDelivery(1_000, { router: 0.1, kafka: 0.2, generator: 5 }, { router: 0.1, receiver: 3 });

  it('is in milliseconds per delivery, summed over the phases', () => {
    expect(cost).toEqual({ router: 0.2, kafka: 0.2, generator: 5, receiver: 3 });
  });

  it('leaves out the two ends, which are the benchmark itself', () => {
    expect(wholePath(cost)).toBeCloseTo(0.4);
  });
});
