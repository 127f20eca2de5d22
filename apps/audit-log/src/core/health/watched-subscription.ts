import type { DEFAULT_FAILURE_POLICY, FailurePolicy, OrganizationId, SubscriptionId } from '@hookstream/domain';

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
