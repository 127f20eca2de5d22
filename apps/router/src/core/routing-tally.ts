import type { DeliveryReason } from '@hookstream/contracts';
import type { RoutingDecision } from './routing-decision.js';

/** What became of one intake batch, in numbers. */
export interface RoutingTally {
  /** Records in the batch. */
  readonly records: number;
  /** Records that became events and are no repeats. */
  readonly events: number;
  /** Deliveries made. */
  readonly matched: number;
  /** Deliveries that begin in `parked`. */
  readonly parked: number;
  /** Inactive subscriptions left out. */
  readonly skipped: number;
  /** Subscriptions that wanted the type of an event, but whose filters did not let it through. */
  readonly filtered: number;
  /** Subscriptions left out as their filters could not be evaluated. */
  readonly filterErrors: number;
  /** Events that no active subscription wants. */
  readonly unmatched: number;
  /** Records whose event was handled before. */
  readonly repeats: number;
  /** Dead letters by their reason. */
  readonly deadLetters: Readonly<Record<string, number>>;
}

/** Counts while a batch is routed. */
export class TallyCounter {
  private readonly counts = {
    events: 0,
    matched: 0,
    parked: 0,
    skipped: 0,
    filtered: 0,
    filterErrors: 0,
    unmatched: 0,
    repeats: 0,
  };
  private readonly deadLetters = new Map<string, number>();

  countEvent({ matched, skipped, filtered, failedFilters }: RoutingDecision): void {
    this.counts.events += 1;
    this.counts.matched += matched.length;
    this.counts.skipped += skipped.length;
    this.counts.filtered += filtered;
    this.counts.filterErrors += failedFilters.length;
    if (matched.length === 0) this.counts.unmatched += 1;
  }

  countStop(reason: DeliveryReason): void {
    if (reason !== 'new') this.counts.parked += 1;
  }

  countRepeat(): void {
    this.counts.repeats += 1;
  }

  countDeadLetter(reason: string): void {
    this.deadLetters.set(reason, (this.deadLetters.get(reason) ?? 0) + 1);
  }

  tally(records: number): RoutingTally {
    return { records, ...this.counts, deadLetters: Object.fromEntries(this.deadLetters) };
  }
}
