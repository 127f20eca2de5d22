import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseSigningSecret } from './signing-secret.js';
import { ED25519 } from './secret-forms.js';
import { signStandardWebhooks, signStandardWebhooksV1a } from './standard-webhooks.js';

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

describe('signing by Standard Webhooks v1a', () => {
  it('signs the same bytes by ed25519, verified by the public key that receivers get', () => {
    const seeds = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const headers = signStandardWebhooksV1a({ ...published, secrets: seeds });
    const signatures = headers['webhook-signature'].split(' ');
    expect(signatures).toHaveLength(2);
    for (const [index, seed] of seeds.entries()) {
      const [version, signature = ''] = signatures[index]?.split(',') ?? [];
      expect(version).toBe('v1a');
      const publicKey = Buffer.from((ED25519.publicKey?.(seed) ?? '').slice('whpk_'.length), 'base64');
      const key = createPublicKey({
        format: 'jwk',
        key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
      });
      const content = Buffer.from(`${published.id}.${published.timestampSeconds}.${published.body.toString()}`);
      expect(verify(null, content, key, Buffer.from(signature, 'base64'))).toBe(true);
    }
  });
});
