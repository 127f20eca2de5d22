import { type SubscriptionDocument } from '@hookstream/contracts';
import { type Ordering } from '@hookstream/domain';
import { type SeededRandom } from '../../clock/seeded-random.js';
import { subscriptionDocument } from '../subscription-document.js';

export const TIMEOUT_MS = 4_000;

/** Of all subscriptions, those that get one delivery of each key at a time. */
const ORDERED = 0.3;

/** Of those that are not ordered, those that get several deliveries in a request. */
const BATCHED = 0.3;

/** Three attempts within seconds, and few at once, so that every bound is met within a short run. */
export function someSubscription(index: number, random: SeededRandom): SubscriptionDocument {
  const document = subscriptionDocument(index, {
    organization: index % 3,
    timeoutMs: TIMEOUT_MS,
    scheduleMs: [300, 2_000],
    maxAgeMs: 3_600_000,
    concurrency: 1 + random.below(6),
  });
  if (!random.chance(ORDERED)) return random.chance(BATCHED) ? batched(document, random) : document;
  return { ...document, settings: { ...document.settings, ordering: { mode: 'fifo', ...somePolicy(random) } } };
}

function somePolicy(random: SeededRandom): Pick<Ordering, 'policy' | 'skipAfter'> {
  const policy = random.pick<Ordering['policy']>(['block', 'skip', 'pause']);
  return policy === 'skip' ? { policy, skipAfter: 1 + random.below(2) } : { policy };
}

function batched(document: SubscriptionDocument, random: SeededRandom): SubscriptionDocument {
  const batch = { maxEntries: random.pick([2, 5, 20]), maxWaitMs: random.pick([0, 200, 2_000]) };
  return { ...document, settings: { ...document.settings, payload: { format: 'json', batch } } };
}
