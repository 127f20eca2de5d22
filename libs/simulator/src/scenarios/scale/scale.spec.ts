import { describe, expect, it } from '@jest/globals';
import { runScale } from './scale.js';

describe('the dispatcher with many subscriptions', () => {
  it('delivers to healthy endpoints as fast beside sick ones, and writes little more', async () => {
    const { well, sick } = await runScale({
      seed: 1,
      subscriptions: 3_000,
      deliveriesPerSecond: 300,
      durationMs: 20_000,
      partitions: 12,
      sickness: { down: 0.03, flapping: 0.01, slow: 0.01 },
    });
    expect(well.delivered).toBe(6_000);
    expect(sick.healthyMs.p99 / well.healthyMs.p99).toBeLessThan(1.2);
    expect(sick.wasted / sick.attempts).toBeLessThan(0.05);
    const written = Object.values(sick.writesPerDelivery).reduce((sum, count) => sum + count, 0);
    expect(written).toBeLessThan(3.5);
    // Whatever did not arrive yet waits for its time.
    expect(sick.delivered + sick.waiting).toBeGreaterThanOrEqual(6_000 * 0.99);
  }, 60_000);
});
