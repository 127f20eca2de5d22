import type { Metrics } from '@hookstream/service';
import type { RoutingTally } from '../core/routing-tally.js';

/** Counts what batches came to. How long they took is counted for every consumer group alike. */
export class RouterMetrics {
  private readonly events;
  private readonly matched;
  private readonly parked;
  private readonly skipped;
  private readonly filtered;
  private readonly filterErrors;
  private readonly unmatched;
  private readonly repeats;
  private readonly deadLetters;

  constructor(metrics: Metrics) {
    this.events = metrics.counter('router_events_total', 'Events taken from ingress topics');
    this.matched = metrics.counter('router_deliveries_total', 'Deliveries made: events times active subscriptions');
    this.parked = metrics.counter(
      'router_parked_total',
      'Deliveries that wait from the beginning, as their endpoint cannot take them',
    );
    this.skipped = metrics.counter('router_skipped_total', 'Inactive subscriptions that an event would have gone to');
    this.filtered = metrics.counter(
      'router_filtered_total',
      'Subscriptions whose filters did not let an event through',
    );
    this.filterErrors = metrics.counter(
      'router_filter_errors_total',
      'Subscriptions that an event was kept from because their filters could not be evaluated, or took too long',
    );
    this.unmatched = metrics.counter('router_unmatched_events_total', 'Events that no active subscription wants');
    this.repeats = metrics.counter('router_repeats_total', 'Records dropped because their event was handled before');
    this.deadLetters = metrics.counter('router_dead_letters_total', 'Records and deliveries buried', {
      labelNames: ['reason'],
    });
  }

  count(tally: RoutingTally): void {
    this.events.inc(tally.events);
    this.matched.inc(tally.matched);
    this.parked.inc(tally.parked);
    this.skipped.inc(tally.skipped);
    this.filtered.inc(tally.filtered);
    this.filterErrors.inc(tally.filterErrors);
    this.unmatched.inc(tally.unmatched);
    this.repeats.inc(tally.repeats);
    for (const [reason, count] of Object.entries(tally.deadLetters)) this.deadLetters.labels(reason).inc(count);
  }
}
