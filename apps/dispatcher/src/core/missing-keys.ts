import { sealedIn, type DeletedDocument, type SecretBox, type SubscriptionDocument } from '@hookstream/contracts';

/** Named in what an operator reads; the others are counted. */
const SHOWN = 3;

/**
 * Subscriptions with a secret that no key of this process opens. A replica that has one of them is not ready, so that a
 * rollout with a key too few ends at its first replica, and not when deliveries end as dead letters.
 */
export class MissingKeys {
  private readonly bySubscription = new Map<string, string>();

  constructor(private readonly box: Pick<SecretBox, 'missingKeyOf'>) {}

  onSubscription({ id, sealedSecrets, settings }: SubscriptionDocument): void {
    for (const sealed of [...sealedSecrets, ...sealedIn(settings)]) {
      const key = this.box.missingKeyOf(sealed);
      if (key === undefined) continue;
      this.bySubscription.set(id, key);
      return;
    }
    this.bySubscription.delete(id);
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    this.bySubscription.delete(id);
  }

  onForgotten(id: string): void {
    this.bySubscription.delete(id);
  }

  /** What is wrong and what to do about it; undefined where nothing is. */
  get problem(): string | undefined {
    if (this.bySubscription.size === 0) return undefined;
    const keys = [...new Set(this.bySubscription.values())].map((key) => `"${key}"`).join(', ');
    const subscriptions = [...this.bySubscription.keys()].slice(0, SHOWN).join(', ');
    const more = this.bySubscription.size - SHOWN;
    return (
      `secrets of ${subscriptions}${more > 0 ? ` and ${more} more` : ''} are sealed with ${keys}, which is not here: ` +
      'add it to HOOKSTREAM_ENCRYPTION_KEYS and restart'
    );
  }
}
