import type { DeletedDocument, SubscriptionDocument } from '@hookstream/contracts';
import { DEFAULT_FAILURE_POLICY } from '@hookstream/domain';
import type { WatchedSubscription } from './health/watched-subscription.js';
import type { KnownSubscription } from './replay/replay-delivery.js';

const OPERATIONAL_PREFIX = 'hookstream.';

/** The subscriptions in force, as little of each as those ask for who look one up: replays, the health of endpoints, stats. */
export class ConfiguredSubscriptions {
  private readonly byId = new Map<string, WatchedSubscription & KnownSubscription>();

  onSubscription(document: SubscriptionDocument): void {
    this.byId.set(document.id, configured(document));
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    this.byId.delete(id);
  }

  onForgotten(id: string): void {
    this.byId.delete(id);
  }

  get(id: string): (WatchedSubscription & KnownSubscription) | undefined {
    return this.byId.get(id);
  }
}

function configured(document: SubscriptionDocument): WatchedSubscription & KnownSubscription {
  const { id, version, organization, name, active, paused, activatedAtMs, resumedAtMs, settings } = document;
  const { url } = settings.endpoint;
  return {
    ...{ id, version, organization, name, active, paused, activatedAtMs },
    ordering: settings.ordering,
    origin: URL.canParse(url) ? new URL(url).origin : '',
    beganAtMs: Math.max(activatedAtMs, resumedAtMs),
    policy: { ...DEFAULT_FAILURE_POLICY, ...settings.onFailure },
    hearsOfSubscriptions: settings.eventTypes.some((pattern) => pattern.startsWith(OPERATIONAL_PREFIX)),
  };
}
