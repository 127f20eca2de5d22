import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { formatSigningSecret } from './signing-secret.js';
import { signStandardWebhooks } from './standard-webhooks.js';

const keys = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const ids = fc.stringMatching(/^dlv_[0-9a-z]{1,40}$/);
const texts = fc.string({ unit: 'binary', maxLength: 2_000 });

describe('a v1 signature', () => {
  const now = Math.floor(Date.now() / 1000);

  it('verifies with the reference library, by every secret of a rotation', () => {
    fc.assert(
      fc.property(ids, texts, fc.array(keys, { minLength: 1, maxLength: 3 }), (id, text, secrets) => {
        const body = Buffer.from(JSON.stringify(text));
        const headers = { ...signStandardWebhooks({ id, timestampSeconds: now, body, secrets }) };
        for (const key of secrets) {
          expect(new Webhook(formatSigningSecret(key)).verify(body, headers)).toEqual(JSON.parse(body.toString()));
        }
      }),
    );
  });

  it('fails for another body, id, time or key', () => {
    fc.assert(
      fc.property(ids, texts, keys, fc.nat(), (id, text, key, at) => {
        const body = Buffer.from(JSON.stringify(text));
        const message = { id, timestampSeconds: now, body, secrets: [key] };
        const headers = { ...signStandardWebhooks(message) };
        const flippedBody = Buffer.from(body);
        flippedBody.writeUInt8(flippedBody.readUInt8(at % body.length) ^ 1, at % body.length);
        const flippedKey = Buffer.from(key);
        flippedKey.writeUInt8(flippedKey.readUInt8(at % key.length) ^ 1, at % key.length);

        const changes = [
          { body: flippedBody },
          { id: `${id}x` },
          { timestampSeconds: now + 1 },
          { secrets: [flippedKey] },
        ];
        for (const change of changes) {
          const changed = signStandardWebhooks({ ...message, ...change });
          expect(changed['webhook-signature']).not.toBe(headers['webhook-signature']);
        }
      }),
    );
  });

  it('is the same for the same message, so that a repeat within one second is byte-identical', () => {
    fc.assert(
      fc.property(ids, texts, keys, (id, text, key) => {
        const message = { id, timestampSeconds: now, body: Buffer.from(text), secrets: [key] };
        expect(signStandardWebhooks(message)).toEqual(signStandardWebhooks(message));
      }),
    );
  });
});
