import { createHash } from 'node:crypto';
import { type SecretBox } from '@hookstream/contracts';
import { type SubscriptionState } from './subscription-state.js';
import { viewSubscription } from './subscription-view.js';

/** Tells secrets apart without telling them: the beginning of the SHA-256 of the key, which is random. */
export function fingerprintsOf(
  secrets: SecretBox,
  { id, organization, sealedSecrets }: Pick<SubscriptionState, 'id' | 'organization' | 'sealedSecrets'>,
): string[] {
  return sealedSecrets.map((sealed) => {
    try {
      const key = secrets.open(sealed, { organization, subscription: id });
      return `sha256:${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
    } catch {
      // Sealed with a key that was taken away: nothing can be told of it, and it must stay possible to replace it.
      return 'unreadable';
    }
  });
}

/** A subscription as the audit trail keeps it. */
export function auditedSubscription(secrets: SecretBox): (state: SubscriptionState) => unknown {
  return (state) => {
    const view = viewSubscription(state);
    return { ...view, signing: { ...view.signing, secretFingerprints: fingerprintsOf(secrets, state) } };
  };
}
