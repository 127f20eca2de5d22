import { createHash } from 'node:crypto';

/**
 * What the scheme `md5` puts beside a payload: the MD5 of its bytes, followed by those of the secret where there is one, in
 * lower-case hexadecimal digits. It is no HMAC: without a secret it tells of damage, not of forgery.
 */
export function payloadMd5(payload: Buffer, secret?: Buffer): string {
  const hash = createHash('md5').update(payload);
  if (secret) hash.update(secret);
  return hash.digest('hex');
}
