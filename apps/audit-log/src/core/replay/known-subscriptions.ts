import type { DeletedDocument, SubscriptionDocument } from '@hookstream/contracts';
import type { Ordering } from '@hookstream/domain';

/** What a replay must know of a subscription. */
export interface KnownSubscription {
  readonly version: number;
  readonly active: boolean;
  readonly activatedAtMs: number;
  readonly ordering: Ordering | undefined;
}

/** The subscriptions in force, as little of each as a replay asks for: some 200 bytes. */
export class KnownSubscriptions {
  private readonly known = new Map<string, KnownSubscription>();

  onSubscription({ id, version, active, activatedAtMs, settings }: SubscriptionDocument): void {
    this.known.set(id, { version, active, activatedAtMs, ordering: settings.ordering });
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    this.known.delete(id);
  }

  onForgotten(id: string): void {
    this.known.delete(id);
  }

  get(id: string): KnownSubscription | undefined {
    return this.known.get(id);
  }
}
