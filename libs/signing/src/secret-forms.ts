import { ed25519PublicKey, ED25519_SEED_BYTES } from './ed25519.js';
import { formatSigningSecret, parseSigningSecret, type ParsedSecret, SECRET_BYTES } from './signing-secret.js';

/** How a secret is written and what it is. */
export interface SecretForm {
  /** The key that a user's text stands for; the message of a refusal never repeats the text. */
  readonly parse: (text: string) => ParsedSecret;
  /** The text that receivers configure. */
  readonly format: (key: Buffer) => string;
  /** @param randomBytes of a cryptographic random source */
  readonly generate: (randomBytes: (count: number) => Buffer) => Buffer;
  /** A text that people choose is easier to guess than a key: it must not be told by a bare hash. */
  readonly chosenByPeople: boolean;
  /** What receivers verify with, where it is not the secret itself. */
  readonly publicKey?: (key: Buffer) => string;
}

/** `whsec_…`: a symmetric key of Standard Webhooks. */
export const SYMMETRIC: SecretForm = {
  parse: parseSigningSecret,
  format: formatSigningSecret,
  generate: (randomBytes) => randomBytes(SECRET_BYTES.default),
  chosenByPeople: false,
};

const PRIVATE_PREFIX = 'whsk_';
const PUBLIC_PREFIX = 'whpk_';

/**
 * `whsk_…`: an ed25519 key of Standard Webhooks, written as the 64 bytes of seed and public key, read also as the seed
 * alone. As a key it is the seed.
 */
export const ED25519: SecretForm = {
  parse: (text) => {
    if (!text.startsWith(PRIVATE_PREFIX)) {
      return { ok: false, message: `a private key of Standard Webhooks starts with "${PRIVATE_PREFIX}"` };
    }
    const encoded = text.slice(PRIVATE_PREFIX.length);
    const bytes = Buffer.from(encoded, 'base64');
    if (bytes.toString('base64') !== encoded) {
      return { ok: false, message: `after "${PRIVATE_PREFIX}" comes standard base64 with its padding` };
    }
    const seed = bytes.subarray(0, ED25519_SEED_BYTES);
    if (bytes.length === ED25519_SEED_BYTES) return { ok: true, key: seed };
    if (bytes.length !== 2 * ED25519_SEED_BYTES) {
      const message = `an ed25519 key holds 64 bytes, seed and public key, or the 32 of the seed; this one ${bytes.length}`;
      return { ok: false, message };
    }
    return bytes.subarray(ED25519_SEED_BYTES).equals(ed25519PublicKey(seed))
      ? { ok: true, key: seed }
      : { ok: false, message: 'the public half of this ed25519 key is not the one of its seed' };
  },
  format: (key) => PRIVATE_PREFIX + Buffer.concat([key, ed25519PublicKey(key)]).toString('base64'),
  generate: (randomBytes) => randomBytes(ED25519_SEED_BYTES),
  chosenByPeople: false,
  publicKey: (key) => PUBLIC_PREFIX + ed25519PublicKey(key).toString('base64'),
};

const MAX_TEXT_BYTES = 1_024;
const GENERATED_TEXT_BYTES = 32;

/** Any text: its bytes in UTF-8 are the key. One that is made here is 64 hexadecimal digits. */
export const TEXT: SecretForm = {
  parse: (text) => {
    if (/\p{Cs}/u.test(text)) return { ok: false, message: 'a secret must not hold half of a character' };
    const key = Buffer.from(text);
    return key.length > 0 && key.length <= MAX_TEXT_BYTES
      ? { ok: true, key }
      : { ok: false, message: `a secret holds 1–${MAX_TEXT_BYTES} bytes, this one ${key.length}` };
  },
  format: (key) => key.toString('utf8'),
  generate: (randomBytes) => Buffer.from(randomBytes(GENERATED_TEXT_BYTES).toString('hex')),
  chosenByPeople: true,
};
