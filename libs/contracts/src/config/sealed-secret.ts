import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** A key-encryption key. The id travels with what it sealed, so that keys can rotate. */
export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** What a secret belongs to; sealed elsewhere, it does not open. */
export interface SecretOwner {
  readonly organization: string;
  readonly subscription: string;
}

/** `v1.<key id>.<base64url of nonce, ciphertext and tag>` */
export type SealedSecret = string;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The keys of an installation: the first seals, all open. */
export class SecretBox {
  private readonly byId: ReadonlyMap<string, Buffer>;

  constructor(private readonly keys: readonly [EncryptionKey, ...EncryptionKey[]]) {
    this.byId = new Map(keys.map(({ id, key }) => [id, key]));
  }

  seal(secret: Buffer, owner: SecretOwner, nonce: Buffer = randomBytes(NONCE_BYTES)): SealedSecret {
    const [{ id, key }] = this.keys;
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(boundTo(owner));
    const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    return `v1.${id}.${sealed.toString('base64url')}`;
  }

  /** The id of the key that seals. */
  get currentKeyId(): string {
    return this.keys[0].id;
  }

  /** The id of the key that a secret needs and that is not here; undefined where it is. */
  missingKeyOf(sealed: SealedSecret): string | undefined {
    const [, id = ''] = sealed.split('.');
    return this.byId.has(id) ? undefined : id;
  }

  /** Whether a secret is sealed with the key that seals now. */
  isCurrent(sealed: SealedSecret): boolean {
    return sealed.startsWith(`v1.${this.currentKeyId}.`);
  }

  /** The same secret, sealed with the key that seals now. @throws Error as `open` does */
  sealAnew(sealed: SealedSecret, owner: SecretOwner): SealedSecret {
    return this.isCurrent(sealed) ? sealed : this.seal(this.open(sealed, owner), owner);
  }

  /** @throws Error when the key is unknown, or the secret was altered or belongs to another subscription */
  open(sealed: SealedSecret, owner: SecretOwner): Buffer {
    const [version, id = '', text = ''] = sealed.split('.');
    const key = this.byId.get(id);
    if (version !== 'v1' || !key)
      throw new Error(`no key "${id}" to open a secret with; add it to HOOKSTREAM_ENCRYPTION_KEYS`);
    const bytes = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES)).setAAD(boundTo(owner));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  }

  /**
   * Tells a text that people may have chosen apart from others, without helping to guess it: 16 hexadecimal digits that only
   * the holder of the current key can compute.
   */
  fingerprint(secret: Buffer, owner: SecretOwner): string {
    const [{ key }] = this.keys;
    const keyed = createHmac('sha256', key).update('fingerprint of a secret').digest();
    return createHmac('sha256', keyed).update(boundTo(owner)).update('\0').update(secret).digest('hex').slice(0, 16);
  }
}

/** `id:base64` entries, comma-separated, the current key first. @throws Error that names the entry, never the key */
export function parseEncryptionKeys(text: string): [EncryptionKey, ...EncryptionKey[]] {
  const [first, ...rest] = text.split(',').map((entry, index) => {
    const [id = '', encoded = ''] = entry.trim().split(':');
    const key = Buffer.from(encoded, 'base64');
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id) || key.length !== 32) {
      throw new Error(
        `entry ${index + 1} must be "<id>:<base64 of 32 bytes>", with an id of letters, digits, "_" and "-"`,
      );
    }
    return { id, key };
  });
  if (!first) throw new Error('at least one key is needed');
  return [first, ...rest];
}

function boundTo(owner: SecretOwner): Buffer {
  return Buffer.from(`${owner.organization}/${owner.subscription}`);
}
