import { encodeEventAttributes, type Delivery } from '@hookstream/contracts';
import { isId, orderingKeyOf, type EventAttributes, type Ordering } from '@hookstream/domain';
import type { LoggedDelivery, LoggedEvent } from '../read/log-reader.js';

/** What a replay must know of a subscription. */
export interface KnownSubscription {
  readonly version: number;
  readonly active: boolean;
  readonly activatedAtMs: number;
  readonly ordering: Ordering | undefined;
}

export interface ReplayedRun {
  readonly delivery: LoggedDelivery;
  readonly event: LoggedEvent;
  readonly payload: Buffer;
  readonly subscription: KnownSubscription;
  /** The replay's id. */
  readonly run: string;
  readonly nowMs: number;
}

/**
 * The record that begins a new run of a delivery: its event as the log has it, attempts numbered on, due at once. An
 * ordered delivery goes to the end of its queue; the log does not know the key of the ingress record, so that where
 * this alone told queues apart, it is the queue of events without one.
 */
export function replayDelivery({ delivery, event, payload, subscription, run, nowMs }: ReplayedRun): Delivery {
  const attributes = attributesOf(event);
  if (!isId('dlv', delivery.id) || !isId('sub', delivery.subscription)) throw new Error('the log holds no such ids');
  const { ordering } = subscription;
  // A run that began before the subscription was activated is cancelled, and our clock may be behind.
  const startedAtMs = Math.max(nowMs, subscription.activatedAtMs);
  return {
    id: delivery.id,
    subscription: delivery.subscription,
    organization: attributes.organization,
    event: attributes,
    eventBytes: encodeEventAttributes(attributes),
    data: payload,
    configVersion: subscription.version,
    run,
    runStartedAtMs: startedAtMs,
    attemptsInRun: 0,
    attempt: delivery.attempts + 1,
    firstSeenAtMs: delivery.createdAt.getTime(),
    dueAtMs: nowMs,
    plannedAtMs: nowMs,
    reason: 'replay',
    hops: 0,
    ...(ordering && { order: { key: orderingKeyOf(ordering, attributes, null) } }),
  };
}

function attributesOf(event: LoggedEvent): EventAttributes {
  const { id, organization, type, source, time, origin, externalId, subject, contentType, dataSchema } = event;
  if (!isId('evt', id) || !isId('org', organization)) throw new Error('the log holds no such ids');
  return {
    ...{ id, organization, type, source, time, origin },
    ...(externalId !== null && { externalId }),
    ...(subject !== null && { subject }),
    ...(contentType !== null && { dataContentType: contentType }),
    ...(dataSchema !== null && { dataSchema }),
    ...(event.extensions !== null && { extensions: event.extensions }),
  };
}
