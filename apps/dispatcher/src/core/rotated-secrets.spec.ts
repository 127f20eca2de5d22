import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { schemeRules } from '@hookstream/signing';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { requestOf, rotatedRequests } from '../../test/support/rotated-requests.js';

const requests = rotatedRequests().map((request) => [request.holder, request.window, request] as const);

describe('a request while a secret is rotated', () => {
  it.each(requests)('is judged rightly by the holder of the %s secret: %s', (_holder, _window, request) => {
    for (const library of [Webhook, SvixWebhook]) {
      const judge = () => new library(request.secret).verify(request.body, { ...request.headers });
      if (request.verifies) expect(judge).not.toThrow();
      else expect(judge).toThrow();
    }
  });

  it('carries an ed25519 signature by each key in force, the newest first', () => {
    const nowMs = Date.now();
    const publicKeys = [2, 1].map((byte) => {
      const written = schemeRules('standard-webhooks-v1a').secret?.publicKey?.(Buffer.alloc(32, byte)) ?? '';
      const x = Buffer.from(written.slice('whpk_'.length), 'base64').toString('base64url');
      return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
    });
    const verified = (endsAtMs: number) => {
      const { headers, body } = requestOf('standard-webhooks-v1a', [null, endsAtMs], nowMs);
      const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body.toString()}`);
      const signatures = (headers['webhook-signature'] ?? '').split(' ');
      return signatures.map((written) => {
        const signature = Buffer.from(written.slice('v1a,'.length), 'base64');
        return publicKeys.findIndex((key) => verify(null, content, key, signature));
      });
    };
    expect(verified(nowMs + 1)).toEqual([0, 1]);
    expect(verified(nowMs)).toEqual([0]);
  });
});
