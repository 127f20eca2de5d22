import { type SubscriptionDocument } from '@hookstream/contracts';
import { type SeededRandom } from '../../clock/seeded-random.js';
import { subscriptionDocument } from '../subscription-document.js';

export const TIMEOUT_MS = 4_000;

/** Three attempts within seconds, and few at once, so that every bound is met within a short run. */
export function someSubscription(index: number, random: SeededRandom): SubscriptionDocument {
  return subscriptionDocument(index, {
    organization: index % 3,
    timeoutMs: TIMEOUT_MS,
    scheduleMs: [300, 2_000],
    maxAgeMs: 3_600_000,
    concurrency: 1 + random.below(6),
  });
}
