const PREFIX = 'whsec_';

/** Key sizes that Standard Webhooks 1.0 asks of a symmetric secret: 192 to 512 bits. */
export const SECRET_BYTES = { min: 24, max: 64, default: 32 } as const;

export type ParsedSecret =
  { readonly ok: true; readonly key: Buffer } | { readonly ok: false; readonly message: string };

/**
 * Writes a signing key the way receivers configure it: `whsec_` and the key in base64.
 *
 * @param key 24–64 bytes from a cryptographic random source; see {@link SECRET_BYTES}.
 * @throws RangeError for any other length.
 */
export function formatSigningSecret(key: Buffer): string {
  if (key.length < SECRET_BYTES.min || key.length > SECRET_BYTES.max) {
    throw new RangeError(`a signing key has ${SECRET_BYTES.min}–${SECRET_BYTES.max} bytes, not ${key.length}`);
  }
  return PREFIX + key.toString('base64');
}

/**
 * Reads a secret that a user supplies. Only the canonical form is accepted, so that one key has one spelling and a
 * mistyped character is noticed here and not at the receiver. The message never repeats the secret.
 */
export function parseSigningSecret(secret: string): ParsedSecret {
  if (!secret.startsWith(PREFIX)) return { ok: false, message: `a signing secret starts with "${PREFIX}"` };

  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  if (key.toString('base64') !== encoded) {
    return { ok: false, message: `after "${PREFIX}" comes standard base64 with its padding` };
  }
  if (key.length < SECRET_BYTES.min || key.length > SECRET_BYTES.max) {
    return {
      ok: false,
      message: `a signing secret holds ${SECRET_BYTES.min}–${SECRET_BYTES.max} bytes, this one ${key.length}`,
    };
  }
  return { ok: true, key };
}
