import { type SubscriptionDocument } from '@hookstream/contracts';
import { type SeededRandom } from '../../clock/seeded-random.js';

export const TIMEOUT_MS = 4_000;

/** Three attempts within seconds, and few at once, so that every bound is met within a short run. */
export function someSubscription(index: number, random: SeededRandom): SubscriptionDocument {
  return {
    kind: 'subscription',
    id: `sub_${index}`,
    version: 1,
    organization: `org_${index % 3}`,
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
        timeoutMs: TIMEOUT_MS,
        successStatuses: ['2xx'],
      },
      payload: { format: 'json' },
      signing: { scheme: 'none' },
      retry: { scheduleMs: [300, 2_000], jitter: 0.2, maxAgeMs: 3_600_000, nonRetryableStatuses: [] },
      rateLimit: { concurrency: 1 + random.below(6) },
      onFailure: { deactivateOnGone: true },
    },
  };
}
