import { describe, expect, it } from '@jest/globals';
import { complaint, reconcile } from './ledger.js';

describe('reconcile', () => {
  it('finds what never arrived and counts what arrived again', () => {
    expect(reconcile(5, Uint8Array.of(1, 0, 3, 1, 0))).toEqual({ expected: 5, missing: [1, 4], duplicates: 2 });
  });

  it('looks only at what is expected', () => {
    const isEven = (n: number) => n % 2 === 0;
    expect(reconcile(5, Uint8Array.of(1, 0, 3, 7, 0), isEven)).toEqual({ expected: 3, missing: [4], duplicates: 2 });
  });

  it('takes what a receiver has no room for as missing', () => {
    expect(reconcile(3, Uint8Array.of(1, 1)).missing).toEqual([2]);
  });
});

describe('complaint', () => {
  it('is silent when all arrived, duplicates or not', () => {
    expect(complaint({ expected: 2, missing: [], duplicates: 1 })).toBeUndefined();
  });

  it('names some of the missing', () => {
    const missing = Array.from({ length: 12 }, (_, n) => n);
    expect(complaint({ expected: 20, missing, duplicates: 0 })).toBe(
      '12 of 20 events never arrived: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …',
    );
  });
});
