import { describe, expect, it } from '@jest/globals';
import { signAttempt } from './sign-attempt.js';
import { parseSigningSecret } from './signing-secret.js';
import { signStandardWebhooks } from './standard-webhooks.js';

// The vector published in the reference libraries of standard-webhooks.
const published = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: Buffer.from('{"test": 2432232314}'),
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

function keyOf(secret: string): Buffer {
  const parsed = parseSigningSecret(secret);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.key;
}

describe('signing by Standard Webhooks v1', () => {
  it('produces the published signature', () => {
    expect(signStandardWebhooks({ ...published, secrets: [keyOf(published.secret)] })).toEqual({
      'webhook-id': published.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': published.signature,
    });
  });

  it('lists one signature per secret, in their order, while a secret is rotated', () => {
    const other = Buffer.alloc(32, 7);
    const alone = signStandardWebhooks({ ...published, secrets: [other] })['webhook-signature'];
    const both = signStandardWebhooks({ ...published, secrets: [other, keyOf(published.secret)] });
    expect(both['webhook-signature']).toBe(`${alone} ${published.signature}`);
  });

  it.each([
    ['an empty id', { id: '' }],
    ['an id with a full stop', { id: 'dlv_1.2' }],
    ['a fraction of a second', { timestampSeconds: 1.5 }],
    ['a negative time', { timestampSeconds: -1 }],
    ['no secret', { secrets: [] }],
  ])('refuses %s, which no receiver could verify', (_, wrong) => {
    const message = { ...published, secrets: [keyOf(published.secret)], ...wrong };
    expect(() => signStandardWebhooks(message)).toThrow(RangeError);
  });
});

describe('the scheme of a subscription', () => {
  it('"none" identifies the attempt and signs nothing', () => {
    expect(signAttempt('none', { ...published, secrets: [] })).toEqual({
      'webhook-id': published.id,
      'webhook-timestamp': '1614265330',
    });
  });
});
