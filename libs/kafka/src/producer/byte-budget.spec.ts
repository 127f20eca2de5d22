import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.js';

describe('a byte budget', () => {
  it('lets nobody overtake one who waits', async () => {
    const budget = new ByteBudget(10);
    expect(budget.tryTake(8)).toBe(true);
    const order: string[] = [];
    const large = budget.take(9).then(() => order.push('large'));
    const small = budget.take(1).then(() => order.push('small'));
    expect(budget.tryTake(1)).toBe(false);
    budget.give(8);
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
    expect(budget.usedBytes).toBe(10);
  });

  it('lets in alone what is larger than the whole', () => {
    const budget = new ByteBudget(10);
    expect(budget.tryTake(50)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
    budget.give(50);
    expect(budget.tryTake(1)).toBe(true);
  });

  it('refuses those who wait when told so', async () => {
    const budget = new ByteBudget(1);
    budget.tryTake(1);
    const waiting = budget.take(1);
    budget.refuseWaiting(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
  });
});
