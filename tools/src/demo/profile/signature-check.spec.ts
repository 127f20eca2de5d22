import { describe, expect, it } from '@jest/globals';
import { renderPayload } from '@hookstream/rendering';
import { payloadMd5, schemeRules, signAttempt } from '@hookstream/signing';
import { checkSignature, type KnownSigning } from './signature-check.js';

const NOW_MS = 1_767_225_600_000;
const KEY = Buffer.from('a text that is a secret of both!');
const event = {
  ...{ id: 'e-1', source: '/s', type: 'a.b', time: '2026-01-01T00:00:00Z', contentType: undefined },
  data: Buffer.from('{"a":"ä"}'),
};

const SIGNED = [
  ['standard-webhooks', { secret: `whsec_${KEY.toString('base64')}` }],
  ['standard-webhooks-v1a', { publicKey: schemeRules('standard-webhooks-v1a').secret?.publicKey?.(KEY) }],
  ['github', { secret: KEY.toString() }],
  ['intercom', { secret: KEY.toString() }],
  ['messenger', { secret: KEY.toString() }],
] as const;

describe('the reference receiver', () => {
  it.each(SIGNED)('finds %s genuine, and nothing that was changed', (scheme, known: Omit<KnownSigning, 'scheme'>) => {
    const body = Buffer.from('{"a":1}');
    const headers = signAttempt(scheme, { id: 'dlv_1', timestampSeconds: NOW_MS / 1_000, body, secrets: [KEY] });
    const isGenuine = (request: { headers: typeof headers; body: Buffer }, nowMs = NOW_MS) =>
      checkSignature({ scheme, ...known }, request, nowMs).isGenuine;
    expect(isGenuine({ headers, body })).toBe(true);
    expect(isGenuine({ headers, body: Buffer.from('{"a":2}') })).toBe(false);
    expect(isGenuine({ headers: {}, body })).toBe(false);
    const isStandard = scheme.startsWith('standard');
    expect(isGenuine({ headers, body }, NOW_MS + 301_000)).toBe(!isStandard);
  });

  it.each(['json', 'xml', 'form'] as const)('finds the MD5 of %s in its body', (format) => {
    const rendered = renderPayload(format, event, (payload) => payloadMd5(payload, KEY));
    if (!rendered.ok) throw new Error(rendered.detail);
    const headers = { 'content-type': rendered.contentType };
    const check = (body: Buffer) =>
      checkSignature({ scheme: 'md5', secret: KEY.toString() }, { headers, body }, NOW_MS).isGenuine;
    expect(check(rendered.body)).toBe(true);
    expect(check(Buffer.from(rendered.body.toString().replace('a.b', 'a.c')))).toBe(false);
  });

  it('refuses a scheme that it does not know, and says that what is not signed is not', () => {
    const request = { headers: {}, body: Buffer.alloc(0) };
    expect(checkSignature({ scheme: 'rot13' }, request, NOW_MS).isGenuine).toBe(false);
    expect(checkSignature({ scheme: 'none' }, request, NOW_MS)).toEqual({
      isGenuine: true,
      by: 'nothing: it is not signed',
    });
  });
});
