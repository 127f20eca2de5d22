import { type SubscriptionDocument } from '@hookstream/contracts';

export interface SubscriptionTraits {
  readonly organization: number;
  readonly timeoutMs: number;
  readonly scheduleMs: readonly number[];
  readonly maxAgeMs: number;
  readonly concurrency: number;
}

/** An active, unsigned subscription of its own receiver to everything. */
export function subscriptionDocument(index: number, traits: SubscriptionTraits): SubscriptionDocument {
  const { organization, timeoutMs, scheduleMs, maxAgeMs, concurrency } = traits;
  return {
    kind: 'subscription',
    id: `sub_${index}`,
    version: 1,
    organization: `org_${organization}`,
    name: `number ${index}`,
    active: true,
    activatedAtMs: 0,
    paused: false,
    resumedAtMs: 0,
    sealedSecrets: [],
    settings: {
      eventTypes: ['**'],
      endpoint: {
        url: `https://receiver-${index}.example/`,
        method: 'POST',
        headers: {},
        timeoutMs,
        successStatuses: ['2xx'],
      },
      payload: { format: 'json' },
      signing: { scheme: 'none' },
      retry: { scheduleMs: [...scheduleMs], jitter: 0.2, maxAgeMs, nonRetryableStatuses: [] },
      rateLimit: { concurrency },
      onFailure: { deactivateOnGone: true },
    },
  };
}
