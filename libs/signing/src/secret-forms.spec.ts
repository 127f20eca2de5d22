import { describe, expect, it } from '@jest/globals';
import { ED25519, TEXT } from './secret-forms.js';

// RFC 8032 §7.1, TEST 1.
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const publicKey = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');

describe('an ed25519 key', () => {
  it('is written with its public half, and read with or without it', () => {
    const written = `whsk_${Buffer.concat([seed, publicKey]).toString('base64')}`;
    expect(ED25519.format(seed)).toBe(written);
    expect(ED25519.parse(written)).toEqual({ ok: true, key: seed });
    expect(ED25519.parse(`whsk_${seed.toString('base64')}`)).toEqual({ ok: true, key: seed });
    expect(ED25519.publicKey?.(seed)).toBe(`whpk_${publicKey.toString('base64')}`);
  });

  it.each([
    ['a symmetric secret', `whsec_${seed.toString('base64')}`, /starts with "whsk_"/],
    ['a public key', `whpk_${publicKey.toString('base64')}`, /starts with "whsk_"/],
    ['half a seed', `whsk_${seed.subarray(16).toString('base64')}`, /this one 16/],
    ['halves of two keys', `whsk_${Buffer.concat([seed, seed]).toString('base64')}`, /not the one of its seed/],
    ['no base64', 'whsk_!', /base64/],
  ])('is not %s', (_, text, message) => {
    expect(ED25519.parse(text)).toEqual({ ok: false, message: expect.stringMatching(message) });
  });
});

describe('a secret that is a text', () => {
  it('is the bytes of any text', () => {
    expect(TEXT.parse('schlüssel')).toEqual({ ok: true, key: Buffer.from('schlüssel') });
    expect(TEXT.format(Buffer.from('schlüssel'))).toBe('schlüssel');
    expect(TEXT.format(TEXT.generate((count) => Buffer.alloc(count, 0xab)))).toBe('ab'.repeat(32));
  });

  it.each(['', 'x'.repeat(1_025), 'half \ud800'])('is not empty, too long or broken', (text) => {
    expect(TEXT.parse(text)).toMatchObject({ ok: false });
  });
});
