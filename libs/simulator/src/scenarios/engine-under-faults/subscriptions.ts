import { type SubscriptionDocument } from '@hookstream/contracts';
import { type Ordering } from '@hookstream/domain';
import { type SeededRandom } from '../../clock/seeded-random.js';
import { subscriptionDocument } from '../subscription-document.js';

export const TIMEOUT_MS = 4_000;

/** Of all subscriptions, those that get one delivery of each key at a time. */
const ORDERED = 0.3;

/** Three attempts within seconds, and few at once, so that every bound is met within a short run. */
export function someSubscription(index: number, random: SeededRandom): SubscriptionDocument {
  const document = subscriptionDocument(index, {
    organization: index % 3,
    timeoutMs: TIMEOUT_MS,
    scheduleMs: [300, 2_000],
    maxAgeMs: 3_600_000,
    concurrency: 1 + random.below(6),
  });
  if (!random.chance(ORDERED)) return document;
  return { ...document, settings: { ...document.settings, ordering: { mode: 'fifo', ...somePolicy(random) } } };
}

function somePolicy(random: SeededRandom): Pick<Ordering, 'policy' | 'skipAfter'> {
  const policy = random.pick<Ordering['policy']>(['block', 'skip', 'pause']);
  return policy === 'skip' ? { policy, skipAfter: 1 + random.below(2) } : { policy };
}
