import { DEFAULT_CONCURRENCY } from '@hookstream/domain';
import type { DeletedDocument, SecretBox, SubscriptionDocument } from '@hookstream/contracts';
import type { EndpointLimits } from '../endpoints/endpoint.js';

/** A subscription as it is in force. */
export interface SubscriptionInForce {
  readonly kind: 'subscription';
  readonly document: SubscriptionDocument;
  /** The signing keys in force at a time, newest first; opened once. @throws Error when one cannot be opened */
  readonly keys: (nowMs: number) => readonly Buffer[];
  /** Opens a secret of its settings. @throws Error when it cannot be opened */
  readonly open: (sealed: string) => Buffer;
}

export type SubscriptionEntry = SubscriptionInForce | { readonly kind: 'deleted' };

/** What a subscription allows at once; the default for one that is not known. */
export function limitsOf(entry: SubscriptionEntry | undefined): EndpointLimits {
  if (entry?.kind !== 'subscription') return { concurrency: DEFAULT_CONCURRENCY };
  const { concurrency, perSecond } = entry.document.settings.rateLimit;
  return { concurrency: Math.max(1, concurrency), ...(perSecond !== undefined && { perSecond }) };
}

/** When it was last resumed, 0 if never; milliseconds since the epoch. */
export function resumedAtMsOf(entry: SubscriptionEntry | undefined): number {
  return entry?.kind === 'subscription' ? entry.document.resumedAtMs : 0;
}

export function isPaused(entry: SubscriptionEntry | undefined): boolean {
  return entry?.kind === 'subscription' && entry.document.paused;
}

/** The newest settings of every subscription, in memory; fed by the configuration topic in the order of versions. */
export class SubscriptionTable {
  private readonly entries = new Map<string, SubscriptionEntry>();

  constructor(private readonly secrets: Pick<SecretBox, 'open'>) {}

  /** `undefined`: never heard of it, or so long ago that it was forgotten. */
  get(id: string): SubscriptionEntry | undefined {
    return this.entries.get(id);
  }

  onSubscription(document: SubscriptionDocument): void {
    const { id, organization, sealedSecrets, secretsExpireAtMs: ends = [] } = document;
    let opened: readonly Buffer[] = [];
    let openedUntilMs = 0;
    const open = (sealed: string) => this.secrets.open(sealed, { organization, subscription: id });
    const keys = (nowMs: number) => {
      if (nowMs < openedUntilMs) return opened;
      // An end that has passed shortens the list; that it began before is told by a new document.
      const inForce = sealedSecrets.filter((_, index) => nowMs < (ends[index] ?? Infinity));
      opened = inForce.map(open);
      openedUntilMs = Math.min(...ends.map((end) => (end !== null && nowMs < end ? end : Infinity)));
      return opened;
    };
    this.entries.set(id, { kind: 'subscription', document, keys, open });
  }

  onDeleted({ id }: DeletedDocument): void {
    if (id.startsWith('sub_')) this.entries.set(id, { kind: 'deleted' });
  }

  onForgotten(id: string): void {
    this.entries.delete(id);
  }
}
