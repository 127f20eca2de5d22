import { createHmac } from 'node:crypto';

type HubAlgorithm = 'sha1' | 'sha256';

/**
 * The signature of GitHub, Intercom and Messenger (after PubSubHubbub 0.4, §8): the algorithm's name, `=`, and the HMAC of
 * the body in lower-case hexadecimal digits.
 */
export function hubSignature(algorithm: HubAlgorithm, secret: Buffer, body: Buffer): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
}
