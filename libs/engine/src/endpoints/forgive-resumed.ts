import type { SubscriptionDocument } from '@hookstream/contracts';
import type { Endpoints } from './endpoints.js';

/** Hears of settings: when a subscription is resumed, its endpoint is asked at once, whatever it has done before. */
export class ForgiveResumed {
  private readonly resumedAtMs = new Map<string, number>();

  constructor(private readonly endpoints: Pick<Endpoints, 'forgive'>) {}

  onSubscription({ id, resumedAtMs }: SubscriptionDocument): void {
    if (resumedAtMs <= (this.resumedAtMs.get(id) ?? 0)) return;
    this.resumedAtMs.set(id, resumedAtMs);
    this.endpoints.forgive(id);
  }

  onForgotten(id: string): void {
    this.resumedAtMs.delete(id);
  }
}
