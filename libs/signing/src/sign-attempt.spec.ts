import { describe, expect, it } from '@jest/globals';
import { type SigningScheme } from '@hookstream/domain';
import { payloadMd5 } from './payload-md5.js';
import { schemeRules } from './scheme-rules.js';
import { signAttempt } from './sign-attempt.js';

const attempt = { id: 'dlv_1', timestampSeconds: 1_614_265_330, body: Buffer.from('Hello, World!') };
const signed = (scheme: SigningScheme, ...secrets: string[]) =>
  signAttempt(scheme, { ...attempt, secrets: secrets.map((secret) => Buffer.from(secret)) });
const SECRET = "It's a Secret to Everybody";

describe('the scheme of a subscription', () => {
  const identified = { 'webhook-id': 'dlv_1', 'webhook-timestamp': '1614265330' };

  it('"none" and "md5" identify the attempt and sign nothing in its headers', () => {
    expect(signed('none')).toEqual(identified);
    expect(signed('md5')).toEqual(identified);
  });

  it('"github" signs as GitHub documents it, and by SHA-1 as it used to', () => {
    expect(signed('github', SECRET)).toEqual({
      ...identified,
      // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      'x-hub-signature': 'sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59',
    });
  });

  it('"intercom" signs by SHA-1, "messenger" by SHA-256', () => {
    const github = signed('github', SECRET);
    expect(signed('intercom', SECRET)).toEqual({ ...identified, 'x-hub-signature': github['x-hub-signature'] });
    expect(signed('messenger', SECRET)).toEqual({
      ...identified,
      'x-hub-signature-256': github['x-hub-signature-256'],
    });
  });

  it('"md5" hashes a payload, and its secret after it', () => {
    // RFC 1321, A.5.
    expect(payloadMd5(Buffer.from('message digest'))).toBe('f96b697d7cb7938d525a2f31aaf161d0');
    expect(payloadMd5(Buffer.from('message '), Buffer.from('digest'))).toBe('f96b697d7cb7938d525a2f31aaf161d0');
  });

  it('signs by the newest secret where a request has room for one signature', () => {
    expect(signed('github', SECRET, 'former')).toEqual(signed('github', SECRET));
  });

  it('refuses to send unsigned what has to be signed', () => {
    for (const scheme of ['standard-webhooks', 'standard-webhooks-v1a', 'github', 'intercom', 'messenger'] as const) {
      expect(schemeRules(scheme).needsSecret).toBe(true);
      expect(() => signed(scheme)).toThrow(RangeError);
    }
  });
});
