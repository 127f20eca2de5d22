import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCommitMetadata, encodeCommitMetadata, MAX_METADATA_BYTES, packRuns } from './commit-metadata.js';

describe('commit metadata', () => {
  it('is read as it was written, the nearest runs at least, and never too long for Kafka', () => {
    const position = fc.option(fc.bigInt({ min: 0n, max: 2n ** 52n }).map(Number), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { maxLength: 3_000 }), position, (runs, reportsFrom) => {
        const packed = packRuns(runs);
        const metadata = encodeCommitMetadata(packed, reportsFrom);
        expect(Buffer.byteLength(metadata)).toBeLessThanOrEqual(MAX_METADATA_BYTES);
        const read = decodeCommitMetadata(metadata);
        expect(read).toEqual({ runs: runs.slice(0, read.runs.length), reportsFrom });
        expect(packed.length).toBe(read.runs.reduce((sum, length) => sum + length, 0));
        expect(packed.isWhole).toBe(read.runs.length === runs.length);
      }),
    );
  });

  it('is empty where there is nothing to say', () => {
    expect(encodeCommitMetadata(packRuns([]), undefined)).toBe('');
  });

  it('leaves out far runs, not the position', () => {
    const packed = packRuns(Array.from({ length: 10_000 }, () => 1));
    expect(packed.isWhole).toBe(false);
    expect(decodeCommitMetadata(encodeCommitMetadata(packed, Number.MAX_SAFE_INTEGER - 1)).reportsFrom).toBe(
      Number.MAX_SAFE_INTEGER - 1,
    );
  });
});
