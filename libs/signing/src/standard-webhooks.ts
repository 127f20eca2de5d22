import { createHmac } from 'node:crypto';
import { ed25519Signature } from './ed25519.js';

/** What is signed. `body` is exactly the bytes that are sent. */
export interface StandardWebhooksMessage {
  /** `webhook-id`: the delivery id, the same on every attempt. Has no full stop, which separates the signed parts. */
  readonly id: string;
  /** `webhook-timestamp`: when this attempt is made, in whole seconds since 1970. */
  readonly timestampSeconds: number;
  readonly body: Buffer;
  /** Keys, newest first. While a secret is being rotated there are several, and a receiver accepts any one of them. */
  readonly secrets: readonly Buffer[];
}

export interface StandardWebhooksHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs an attempt by Standard Webhooks 1.0, scheme `v1`: HMAC-SHA256 over `id.timestamp.body`, base64, one signature
 * per secret separated by a space.
 *
 * @throws RangeError where the message cannot be signed so that a receiver can verify it: an id that is empty or has a
 *   full stop, a timestamp that is not a whole number of seconds, no secret.
 */
export function signStandardWebhooks(message: StandardWebhooksMessage): StandardWebhooksHeaders {
  const prefix = signedPrefix(message);
  return signed(
    message,
    (key) => `v1,${createHmac('sha256', key).update(prefix).update(message.body).digest('base64')}`,
  );
}

/**
 * As {@link signStandardWebhooks}, by scheme `v1a`: ed25519 over the same bytes; `secrets` are seeds.
 *
 * @throws RangeError as above, and for a seed that has not 32 bytes
 */
export function signStandardWebhooksV1a(message: StandardWebhooksMessage): StandardWebhooksHeaders {
  const content = Buffer.concat([Buffer.from(signedPrefix(message)), message.body]);
  return signed(message, (seed) => `v1a,${ed25519Signature(seed, content).toString('base64')}`);
}

function signed(
  { id, timestampSeconds, secrets }: StandardWebhooksMessage,
  signature: (key: Buffer) => string,
): StandardWebhooksHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': secrets.map(signature).join(' '),
  };
}

function signedPrefix({ id, timestampSeconds, secrets }: StandardWebhooksMessage): string {
  if (id === '' || id.includes('.')) throw new RangeError('a webhook id is not empty and has no full stop');
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0) {
    throw new RangeError('a webhook timestamp is a whole number of seconds');
  }
  if (secrets.length === 0) throw new RangeError('a webhook is signed with at least one secret');
  return `${id}.${timestampSeconds}.`;
}
