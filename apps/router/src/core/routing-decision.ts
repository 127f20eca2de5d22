import { deliveryId, orderingKeyOf, type DeliveryId, type HookEvent, type Subscription } from '@hookstream/domain';
import { FilteredEvent, FilterError, type SubscriptionFilters } from '@hookstream/filters';
import { encodeDelivery, encodeEventAttributes, type OutgoingRecord, type RoutedEvent } from '@hookstream/contracts';
import type { FirstStop } from './first-stop.js';

/** The run that an event's first deliveries belong to; replays have runs of their own. */
const FIRST_RUN = '0';

/** A subscription that gets the event, and the id of that delivery. */
export interface Match {
  readonly subscription: Subscription;
  readonly delivery: DeliveryId;
}

/** A subscription whose filters could not be evaluated. */
interface FailedFilter {
  readonly subscription: Subscription;
  readonly message: string;
}

/** What is to be done about one event. */
export interface RoutingDecision {
  readonly event: HookEvent;
  /** The attributes, encoded once and shared by all deliveries. */
  readonly eventBytes: Buffer;
  readonly matched: readonly Match[];
  /** Inactive: the log tells who was left out. */
  readonly skipped: readonly Subscription[];
  /** How many want the event's type, but not this event. */
  readonly filtered: number;
  /** Left out because of an error in evaluating; their owners are told. */
  readonly failedFilters: readonly FailedFilter[];
  readonly routedAtMs: number;
}

/**
 * @param subscriptions that want the event's type
 * @param filtersOf what else one asks of an event
 */
export function decideRouting(
  event: HookEvent,
  subscriptions: readonly Subscription[],
  filtersOf: (subscription: Subscription) => SubscriptionFilters | undefined,
  routedAtMs: number,
): RoutingDecision {
  const matched: Match[] = [];
  const skipped: Subscription[] = [];
  const failedFilters: FailedFilter[] = [];
  let filtered = 0;
  const seen = new FilteredEvent(event.attributes, event.data);
  for (const subscription of subscriptions) {
    const verdict = filtersOf(subscription)?.test(seen) ?? true;
    if (verdict instanceof FilterError) failedFilters.push({ subscription, message: verdict.message });
    else if (!verdict) filtered += 1;
    else if (!subscription.active) skipped.push(subscription);
    else matched.push({ subscription, delivery: deliveryId(event.attributes.id, subscription.id) });
  }
  return {
    event,
    eventBytes: encodeEventAttributes(event.attributes),
    matched,
    skipped,
    filtered,
    failedFilters,
    routedAtMs,
  };
}

/** One delivery as a record. Its id follows from event and subscription alone: routing again repeats, never adds. */
export function deliveryRecord(
  { topic, reason }: FirstStop,
  decision: RoutingDecision,
  match: Match,
  recordKey: Buffer | null,
): OutgoingRecord {
  const { event, eventBytes, routedAtMs } = decision;
  const { subscription, delivery } = match;
  const { ordering } = subscription.settings;
  const order = ordering && { key: orderingKeyOf(ordering, event.attributes, recordKey) };
  return encodeDelivery(topic, {
    ...(order && { order }),
    id: delivery,
    organization: event.attributes.organization,
    subscription: subscription.id,
    configVersion: subscription.version,
    run: FIRST_RUN,
    runStartedAtMs: routedAtMs,
    attemptsInRun: 0,
    attempt: 1,
    firstSeenAtMs: routedAtMs,
    dueAtMs: routedAtMs,
    plannedAtMs: routedAtMs,
    reason,
    hops: 0,
    event: event.attributes,
    eventBytes,
    data: event.data,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
  });
}

/** What the log is told of the event. */
export function routedEvent({ event, matched, skipped, failedFilters, routedAtMs }: RoutingDecision): RoutedEvent {
  return {
    event: event.attributes,
    routedAtMs,
    matched: matched.map(({ subscription: { id, version }, delivery }) => ({ subscription: id, version, delivery })),
    skipped: skipped.map(({ id, version }) => ({ subscription: id, version })),
    filterErrors: failedFilters.map(({ subscription: { id }, message }) => ({ subscription: id, message })),
  };
}
