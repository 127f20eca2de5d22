import { SubscriptionIndex, type EventAttributes, type Filter, type Subscription } from '@hookstream/domain';
import { FilteredEvent, SubscriptionFilters } from '@hookstream/filters';

/** What matching one event costs beside so many subscriptions. */
interface RoutingCost {
  readonly subscriptions: number;
  readonly microsPerEvent: number;
  readonly bytesPerSubscription: number;
}

export interface RoutingResult {
  /** Of each event. */
  readonly matched: number;
  readonly costs: readonly RoutingCost[];
  /** The dearest over the cheapest. */
  readonly ratio: number;
  readonly problems: readonly string[];
}

const SIZES = [100, 10_000, 100_000];
const MATCHED = 10;
const EVENTS = 20_000;
const ROUNDS = 5;
const MOST_RATIO = 1.5;

const DATA = Buffer.from(JSON.stringify({ amount: 120, customer: { country: 'NL' }, note: 'x'.repeat(900) }));
const EVENT: EventAttributes = {
  id: 'evt_00000000000000000000000000000001',
  organization: 'org_default',
  type: 'invoice.paid',
  source: '/bench',
  time: '2026-05-01T10:00:00Z',
  origin: { topic: 'events', partition: 0, offset: 0 },
};

/**
 * What it costs a router to find the ten subscriptions of an event among few and among many, all of one organization:
 * half of them by exact types, half by wildcards, two of the ten with a filter by attribute, two with an expression. In
 * this process; the rest of a router's work does not depend on their number.
 */
export function routing(): RoutingResult {
  const tables = SIZES.map((size) => tableOf(size));
  const micros = tables.map(() => Infinity);
  // In turns, and the best of them: what disturbs one size would be taken for its cost.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { match }] of tables.entries())
      micros[index] = Math.min(micros[index] ?? Infinity, timed(match));
  }
  const costs = tables.map(({ subscriptions, bytesPerSubscription }, index) => {
    return { subscriptions, bytesPerSubscription, microsPerEvent: micros[index] ?? NaN };
  });
  const ratio = Math.max(...micros) / Math.min(...micros);
  const wrong = tables.filter(({ match }) => match() !== MATCHED).map(({ subscriptions }) => subscriptions);
  return {
    matched: MATCHED,
    costs,
    ratio,
    problems: [
      ...wrong.map((size) => `of ${size} subscriptions not ${MATCHED} matched`),
      ...(ratio > MOST_RATIO ? [`the cost differs by a factor of ${ratio.toFixed(2)}, more than ${MOST_RATIO}`] : []),
    ],
  };
}

function timed(match: () => number): number {
  const startedAt = performance.now();
  for (let event = 0; event < EVENTS; event += 1) match();
  return ((performance.now() - startedAt) * 1_000) / EVENTS;
}

function tableOf(size: number) {
  const heapBefore = process.memoryUsage().heapUsed;
  const index = new SubscriptionIndex();
  const filters = new Map<string, SubscriptionFilters>();
  for (let number = 0; number < size; number += 1) {
    const subscription = subscriptionOf(number);
    index.set(subscription);
    if (subscription.settings.filters)
      filters.set(subscription.id, new SubscriptionFilters(subscription.settings.filters));
  }
  const bytesPerSubscription = Math.max(0, process.memoryUsage().heapUsed - heapBefore) / size;
  const match = () => {
    const event = new FilteredEvent(EVENT, DATA);
    let matched = 0;
    for (const { id } of index.match(EVENT.organization, EVENT.type)) {
      if ((filters.get(id)?.test(event) ?? true) === true) matched += 1;
    }
    return matched;
  };
  return { subscriptions: size, bytesPerSubscription, match };
}

function subscriptionOf(number: number): Subscription {
  const wildcard = number % 2 === 1;
  const wanted = wildcard ? 'invoice.*' : 'invoice.paid';
  const unwanted = wildcard ? `tenant-${number}.*` : `tenant-${number}.paid`;
  const filters = filtersOf(number);
  return {
    id: `sub_${number}`,
    version: 1,
    organization: EVENT.organization,
    name: `subscription ${number}`,
    active: true,
    activatedAtMs: 0,
    paused: false,
    resumedAtMs: 0,
    settings: {
      eventTypes: [number < MATCHED ? wanted : unwanted],
      ...(filters && { filters }),
      endpoint: {
        url: 'https://example.com',
        method: 'POST',
        headers: {},
        timeoutMs: 15_000,
        successStatuses: ['2xx'],
      },
      payload: { format: 'json' },
      signing: { scheme: 'none' },
      retry: { scheduleMs: [], jitter: 0, maxAgeMs: 3_600_000, nonRetryableStatuses: [] },
      rateLimit: { concurrency: 1 },
      onFailure: { deactivateOnGone: true },
    },
  };
}

function filtersOf(number: number): readonly Filter[] | undefined {
  if (number % 5 === 3) return [{ prefix: { source: '/b' } }];
  if (number % 5 === 4) return [{ cel: 'data.amount > 100 && data.customer.country in ["NL", "DE"]' }];
  return undefined;
}
