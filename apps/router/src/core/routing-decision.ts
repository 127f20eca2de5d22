import { deliveryId, orderingKeyOf, type DeliveryId, type HookEvent, type Subscription } from '@hookstream/domain';
import { encodeDelivery, encodeEventAttributes, type OutgoingRecord, type RoutedEvent } from '@hookstream/contracts';
import type { FirstStop } from './first-stop.js';

/** The run that an event's first deliveries belong to; replays have runs of their own. */
const FIRST_RUN = '0';

/** A subscription that gets the event, and the id of that delivery. */
export interface Match {
  readonly subscription: Subscription;
  readonly delivery: DeliveryId;
}

/** What is to be done about one event. */
export interface RoutingDecision {
  readonly event: HookEvent;
  /** The attributes, encoded once and shared by all deliveries. */
  readonly eventBytes: Buffer;
  readonly matched: readonly Match[];
  /** Inactive: the log tells who was left out. */
  readonly skipped: readonly Subscription[];
  readonly routedAtMs: number;
}

export function decideRouting(
  event: HookEvent,
  subscriptions: readonly Subscription[],
  routedAtMs: number,
): RoutingDecision {
  return {
    event,
    eventBytes: encodeEventAttributes(event.attributes),
    matched: subscriptions
      .filter(({ active }) => active)
      .map((subscription) => ({ subscription, delivery: deliveryId(event.attributes.id, subscription.id) })),
    skipped: subscriptions.filter(({ active }) => !active),
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
export function routedEvent({ event, matched, skipped, routedAtMs }: RoutingDecision): RoutedEvent {
  return {
    event: event.attributes,
    routedAtMs,
    matched: matched.map(({ subscription: { id, version }, delivery }) => ({ subscription: id, version, delivery })),
    skipped: skipped.map(({ id, version }) => ({ subscription: id, version })),
    filterErrors: [],
  };
}
