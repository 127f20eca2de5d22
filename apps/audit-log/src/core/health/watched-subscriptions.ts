import type { DeletedDocument, SubscriptionDocument } from '@hookstream/contracts';
import {
  DEFAULT_FAILURE_POLICY,
  type FailurePolicy,
  type OrganizationId,
  type SubscriptionId,
} from '@hookstream/domain';

/** What of a subscription matters to its endpoint's health. */
export interface WatchedSubscription {
  readonly id: SubscriptionId;
  readonly version: number;
  readonly organization: OrganizationId;
  readonly name: string;
  /** Scheme, host and port of its URL: a path may hold a secret. */
  readonly origin: string;
  readonly active: boolean;
  readonly paused: boolean;
  /** When it was last activated anew or resumed: what was before counts no more. Milliseconds since the epoch, or 0. */
  readonly beganAtMs: number;
  readonly policy: FailurePolicy & typeof DEFAULT_FAILURE_POLICY;
  /** It gets operational events, perhaps those about itself. */
  readonly hearsOfSubscriptions: boolean;
}

const OPERATIONAL_PREFIX = 'hookstream.';

/** The subscriptions as configured now. */
export class WatchedSubscriptions {
  private readonly byId = new Map<string, WatchedSubscription>();

  onSubscription(document: SubscriptionDocument): void {
    this.byId.set(document.id, watched(document));
  }

  onDeleted({ id }: Pick<DeletedDocument, 'id'>): void {
    this.byId.delete(id);
  }

  onForgotten(id: string): void {
    this.byId.delete(id);
  }

  get(id: string): WatchedSubscription | undefined {
    return this.byId.get(id);
  }
}

function watched(document: SubscriptionDocument): WatchedSubscription {
  const { id, version, organization, name, active, paused, activatedAtMs, resumedAtMs, settings } = document;
  const { url } = settings.endpoint;
  return {
    ...{ id, version, organization, name, active, paused },
    origin: URL.canParse(url) ? new URL(url).origin : '',
    beganAtMs: Math.max(activatedAtMs, resumedAtMs),
    policy: { ...DEFAULT_FAILURE_POLICY, ...settings.onFailure },
    hearsOfSubscriptions: settings.eventTypes.some((pattern) => pattern.startsWith(OPERATIONAL_PREFIX)),
  };
}
