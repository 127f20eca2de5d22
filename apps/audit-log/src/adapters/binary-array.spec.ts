import { describe, expect, it } from '@jest/globals';
import { BIGINT, DATE, encodeArray, INTEGER, TEXT, TIME, UnfitValue } from './binary-array.js';

/** Dimensions, nulls, element type, length, lower bound. */
const header = (bytes: Buffer) => [0, 4, 8, 12, 16].map((at) => bytes.readInt32BE(at));

describe('an array for PostgreSQL', () => {
  it('says its element type, its length and whether it has nulls', () => {
    expect(header(encodeArray(TEXT, ['a', 'b']))).toEqual([1, 0, 25, 2, 1]);
    expect(header(encodeArray(INTEGER, [1, null]))).toEqual([1, 1, 23, 2, 1]);
    expect(header(encodeArray(INTEGER, []))).toEqual([1, 0, 23, 0, 1]);
  });

  it('holds texts by their bytes, and nulls by the length -1', () => {
    const bytes = encodeArray(TEXT, ['é', null, '']);
    expect(bytes.subarray(20)).toEqual(Buffer.from([0, 0, 0, 2, 0xc3, 0xa9, 255, 255, 255, 255, 0, 0, 0, 0]));
  });

  it.each([0, 1, -1, 2 ** 31, -(2 ** 40) - 7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    'holds %i as 64 bits',
    (value) => {
      expect(encodeArray(BIGINT, [value]).readBigInt64BE(24)).toBe(BigInt(value));
    },
  );

  it('counts days and microseconds from 2000', () => {
    expect(encodeArray(DATE, ['2000-01-02']).readInt32BE(24)).toBe(1);
    expect(encodeArray(DATE, ['1999-12-31']).readInt32BE(24)).toBe(-1);
    expect(encodeArray(TIME, [Date.UTC(2000, 0, 1) + 1]).readBigInt64BE(24)).toBe(1_000n);
  });

  it.each([
    [INTEGER, 2 ** 31],
    [INTEGER, 0.5],
    [BIGINT, 2 ** 53],
    [BIGINT, NaN],
    [TIME, Infinity],
  ])('refuses what its type cannot hold', (type, value) => {
    expect(() => encodeArray(type, [value])).toThrow(UnfitValue);
  });
});
