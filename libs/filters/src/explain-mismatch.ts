import { compileTypePattern, type Filter } from '@hookstream/domain';
import type { FailedClause } from './failed-clause.js';
import type { FilteredEvent } from './filtered-event.js';
import { SubscriptionFilters } from './subscription-filters.js';

/** What a subscription asks of events. */
interface Wanted {
  readonly eventTypes: readonly string[];
  readonly filters?: readonly Filter[];
}

/** Why a subscription does not want an event, by the patterns and filters that a router matches with; undefined when it does. */
export function explainMismatch({ eventTypes, filters = [] }: Wanted, event: FilteredEvent): FailedClause | undefined {
  const type = event.attribute('type') ?? '';
  if (!eventTypes.some((pattern) => compileTypePattern(pattern)(type))) {
    return { pointer: '/eventTypes', clause: `type matches one of ${eventTypes.join(', ')}`, values: { type } };
  }
  return new SubscriptionFilters(filters).failure(event);
}
