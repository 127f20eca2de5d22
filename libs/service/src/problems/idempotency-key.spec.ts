import { describe, expect, it } from '@jest/globals';
import { readIdempotencyKey } from './idempotency-key.js';

describe('Idempotency-Key', () => {
  it.each([undefined, 'a', 'x'.repeat(255), '!~'])('takes %j', (header) => {
    expect(readIdempotencyKey(header)).toBe(header);
  });

  it.each(['', 'a b', 'é', 'x'.repeat(256), 'a\n'])('tells the caller of %j that it is none', (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(/Idempotency-Key: must be 1 to 255 printable/);
  });

  it('tells a caller who sends two of them', () => {
    expect(() => readIdempotencyKey(['a', 'b'])).toThrow(/Idempotency-Key/);
  });
});
