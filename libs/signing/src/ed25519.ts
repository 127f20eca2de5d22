import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

export const ED25519_SEED_BYTES = 32;
/** RFC 8410: what precedes the seed in the PKCS #8 form of a private key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Keys as OpenSSL holds them cost as much to make as a signature; a seed is held for as long as it signs. */
const keyOfSeed = new WeakMap<Buffer, KeyObject>();

/** @throws RangeError for a seed that has not 32 bytes */
export function ed25519Signature(seed: Buffer, message: Buffer): Buffer {
  return sign(null, message, privateKey(seed));
}

/** The 32 bytes of the public key. @throws RangeError for a seed that has not 32 bytes */
export function ed25519PublicKey(seed: Buffer): Buffer {
  const encoded = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return encoded.subarray(encoded.length - ED25519_SEED_BYTES);
}

function privateKey(seed: Buffer): KeyObject {
  const known = keyOfSeed.get(seed);
  if (known) return known;
  if (seed.length !== ED25519_SEED_BYTES) {
    throw new RangeError(`an ed25519 seed has ${ED25519_SEED_BYTES} bytes, not ${seed.length}`);
  }
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  keyOfSeed.set(seed, key);
  return key;
}
