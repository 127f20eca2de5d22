import type { AttemptId, DeadLetterId, DeliveryId, EventId, OrganizationId, SubscriptionId } from './ids.js';
import { stableHash } from './stable-hash.js';

/** Where in Kafka an event came from. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * The id of an event that its producer named: the same organization, source and producer's id is the same event, however
 * often and wherever it is written.
 *
 * @param source the CloudEvents `source`, or the topic's name where the event has none
 */
export function eventIdFromProducer(organization: OrganizationId, source: string, externalId: string): EventId {
  return `evt_${stableHash('producer', organization, source, externalId)}`;
}

/**
 * The id of an event that its producer did not name: its place in the log. The timestamp tells a recreated topic's
 * offsets from the old one's.
 */
export function eventIdFromOrigin(origin: RecordOrigin, timestampMs: number): EventId {
  return `evt_${stableHash('origin', origin.topic, String(origin.partition), String(origin.offset), String(timestampMs))}`;
}

/** The id of one event's delivery to one subscription; it is the `webhook-id` its receiver sees at every attempt. */
export function deliveryId(event: EventId, subscription: SubscriptionId): DeliveryId {
  return `dlv_${stableHash(event, subscription)}`;
}

/** The id of one attempt; an attempt that is repeated after a crash has the same one, so the log keeps it once. */
export function attemptId(delivery: DeliveryId, run: string, number: number): AttemptId {
  return `att_${stableHash(delivery, run, String(number))}`;
}

/** The id of a dead letter: a record that one stage refuses again after a crash is the same one. */
export function deadLetterId(stage: string, origin: RecordOrigin, timestampMs: number): DeadLetterId {
  return `dlt_${stableHash(stage, origin.topic, String(origin.partition), String(origin.offset), String(timestampMs))}`;
}
