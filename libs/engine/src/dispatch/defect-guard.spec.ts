import { describe, expect, it } from '@jest/globals';
import { DefectGuard } from './defect-guard.js';

describe('DefectGuard', () => {
  it('tolerates ten defects in a row and not an eleventh', () => {
    const guard = new DefectGuard();
    const verdicts = Array.from({ length: 11 }, () => guard.tolerates());
    expect(verdicts.lastIndexOf(true)).toBe(9);
  });

  it('tolerates a defect now and then for ever', () => {
    const guard = new DefectGuard();
    for (let round = 0; round < 100; round += 1) {
      expect(guard.tolerates()).toBe(true);
      for (let good = 0; good < 5; good += 1) guard.passed();
    }
  });
});
