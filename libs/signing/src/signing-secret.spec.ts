import { describe, expect, it } from '@jest/globals';
import { formatSigningSecret, parseSigningSecret } from './signing-secret.js';

const key = (length: number): Buffer => Buffer.alloc(length, 0xab);

describe('a signing secret', () => {
  it.each([24, 32, 64])('with %i bytes is read back as it was written', (length) => {
    expect(parseSigningSecret(formatSigningSecret(key(length)))).toEqual({ ok: true, key: key(length) });
  });

  it.each([0, 23, 65])('is never written with %i bytes', (length) => {
    expect(() => formatSigningSecret(key(length))).toThrow(RangeError);
  });

  it.each([
    ['without its prefix', key(32).toString('base64'), /starts with "whsec_"/],
    ['with too few bytes', `whsec_${key(23).toString('base64')}`, /24–64 bytes, this one 23/],
    ['with too many bytes', `whsec_${key(65).toString('base64')}`, /this one 65/],
    ['with a character outside base64', `whsec_${key(32).toString('base64').replace('q', '!')}`, /base64/],
    ['without its padding', `whsec_${key(32).toString('base64').replace(/=+$/, '')}`, /padding/],
    ['in the URL alphabet', `whsec_${Buffer.alloc(24, 0xff).toString('base64url')}`, /base64/],
    ['with a line end', `${formatSigningSecret(key(32))}\n`, /base64/],
  ])('%s is refused', (_, secret, message) => {
    expect(parseSigningSecret(secret)).toEqual({ ok: false, message: expect.stringMatching(message) });
  });

  it('is not repeated in the message that refuses it', () => {
    const parsed = parseSigningSecret('hunter2-hunter2-hunter2');
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });
});
