import type { Filter } from '@hookstream/domain';
import { allOf, compileFilter, type CompiledFilter } from './compiled-filter.js';
import type { FailedClause } from './failed-clause.js';
import type { FilteredEvent } from './filtered-event.js';
import type { Verdict } from './verdict.js';

/** A subscription's filters: an event must pass them all. */
export class SubscriptionFilters {
  private readonly all: CompiledFilter;

  /** @param filters as `readFilters` returned them once */
  constructor(filters: readonly Filter[]) {
    this.all = allOf('', filters.map(compileFilter));
  }

  test(event: FilteredEvent): Verdict {
    return this.all.test(event);
  }

  /** What keeps an event away; undefined when nothing does. */
  failure(event: FilteredEvent): FailedClause | undefined {
    return this.all.test(event) === true ? undefined : this.all.blame(event, ['filters']);
  }
}
