import { createHash, randomBytes } from 'node:crypto';
import { type SecretBox } from '@hookstream/contracts';
import { type OrganizationId, type SigningScheme, type SubscriptionId } from '@hookstream/domain';
import { keepsSecrets, schemeRules, type SecretForm } from '@hookstream/signing';
import { type SigningRequest } from './signing-fields.js';

/** A signing secret as it is stored. */
export interface StoredSecret {
  readonly sealed: string;
  /** Tells it apart without telling it; made when it was stored, so that it stays when the encryption key changes. */
  readonly fingerprint: string;
  /** What receivers verify with, where the scheme is asymmetric. */
  readonly publicKey?: string;
  /** When it stops signing, in ms since the epoch; `null`: it is the newest. */
  readonly expiresAtMs: number | null;
}

/** Whose secrets they are. */
export interface SecretOwner {
  readonly id: SubscriptionId;
  readonly organization: OrganizationId;
}

/** The secrets of a subscription after a request, and the one it made, which is shown only now. */
export interface SecretsMade {
  readonly stored: readonly StoredSecret[];
  readonly secret?: string;
}

interface PresentSecrets {
  readonly scheme: SigningScheme;
  readonly stored: readonly StoredSecret[];
}

/** Seals secrets; everything it is asked to seal was checked when it was read. */
export class SecretSealer {
  constructor(private readonly box: SecretBox) {}

  /**
   * The secrets by the `signing` of a request. They stay as they are unless another is given, or the scheme changes to one
   * whose secrets are of another kind; a scheme that needs one and has none gets one made.
   */
  forRequest({ scheme, secret }: SigningRequest, owner: SecretOwner, present?: PresentSecrets): SecretsMade {
    const kept = present && keepsSecrets(present.scheme, scheme) ? present.stored : [];
    if (secret !== undefined) {
      return this.isNewest(kept, secret, scheme, owner)
        ? { stored: kept }
        : { stored: [this.seal(secret, scheme, owner)], secret };
    }
    return kept.length > 0 || !schemeRules(scheme).needsSecret ? { stored: kept } : this.generate(scheme, owner);
  }

  generate(
    scheme: SigningScheme,
    owner: SecretOwner,
  ): { readonly stored: readonly [StoredSecret]; readonly secret: string } {
    const form = formOf(scheme);
    const key = form.generate(randomBytes);
    return { stored: [this.sealKey(key, form, owner)], secret: form.format(key) };
  }

  seal(secret: string, scheme: SigningScheme, owner: SecretOwner): StoredSecret {
    const form = formOf(scheme);
    return this.sealKey(keyOf(form, secret), form, owner);
  }

  /** Whether a text is the secret that is stored. */
  isSame(stored: StoredSecret, secret: string, scheme: SigningScheme, { id, organization }: SecretOwner): boolean {
    const key = keyOf(formOf(scheme), secret);
    try {
      return this.box.open(stored.sealed, { organization, subscription: id }).equals(key);
    } catch {
      // Sealed with a key that was taken away: the given one takes its place.
      return false;
    }
  }

  private isNewest(
    [newest]: readonly StoredSecret[],
    secret: string,
    scheme: SigningScheme,
    owner: SecretOwner,
  ): boolean {
    return newest !== undefined && this.isSame(newest, secret, scheme, owner);
  }

  private sealKey(key: Buffer, form: SecretForm, { id, organization }: SecretOwner): StoredSecret {
    const owner = { organization, subscription: id };
    const publicKey = form.publicKey?.(key);
    return {
      sealed: this.box.seal(key, owner),
      fingerprint: form.chosenByPeople
        ? `keyed:${this.box.fingerprint(key, owner)}`
        : `sha256:${createHash('sha256').update(key).digest('hex').slice(0, 16)}`,
      ...(publicKey !== undefined && { publicKey }),
      expiresAtMs: null,
    };
  }
}

function formOf(scheme: SigningScheme): SecretForm {
  const { secret } = schemeRules(scheme);
  if (!secret) throw new Error(`the scheme "${scheme}" uses no secret`);
  return secret;
}

function keyOf(form: SecretForm, secret: string): Buffer {
  const parsed = form.parse(secret);
  if (!parsed.ok) throw new Error('a signing secret that was checked when it was read is not one');
  return parsed.key;
}
