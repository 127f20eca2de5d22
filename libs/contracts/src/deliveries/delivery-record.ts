import { z } from 'zod';
import { PoisonRecord, isId, type EventAttributes, type SubscriptionId } from '@hookstream/domain';
import { idOf } from '../ids.js';
import { jsonHeader, requiredHeader } from '../json-header.js';
import { leftOut } from '../lean-schemas.js';
import { headerText, type ConsumedRecord, type OutgoingRecord } from '../record.js';
import { decodeEventAttributes, EVENT_HEADER, TRACEPARENT_HEADER } from './event-header.js';

/** Why a delivery record stands where it stands. */
const DELIVERY_REASONS = [
  'new',
  'retry',
  'overflow',
  'rate-limit',
  'breaker-open',
  'paused',
  'settings-behind',
  'unknown-subscription',
  'entity-unavailable',
  'replay',
  'test',
] as const;

const deliveryHeaderSchema = z.object({
  id: idOf('dlv'),
  organization: idOf('org'),
  /** Version of the subscription when it was matched; an older reader of `config` waits for it. */
  configVersion: z.number(),
  /** `0`, or a replay's id. */
  run: z.string(),
  runStartedAtMs: z.number(),
  /** Attempts made before in this run. */
  attemptsInRun: z.number(),
  /** The next attempt's number, counted from 1 over all runs. */
  attempt: z.number(),
  firstSeenAtMs: z.number(),
  /** Absolute; never started before. Milliseconds since the epoch. */
  dueAtMs: z.number(),
  /** When `dueAtMs` was decided: their difference is the delay, of which a level may overshoot a share. */
  plannedAtMs: z.number(),
  reason: z.enum(DELIVERY_REASONS),
  /** Times the record has moved between topics since its last attempt. */
  hops: z.number(),
  /** When the run's first request started; left out before. */
  firstSentAtMs: leftOut(z.number()),
  /** What the run's attempt before came to: an HTTP status, or in one word why there was none; left out before the second. */
  failedBy: leftOut(z.union([z.number(), z.string()])),
  /** Of a subscription that asks for order: that of `deliveries.fifo`, as the router has written it. */
  order: leftOut(
    z.object({
      /** Which queue of its subscription it stands in. */
      key: z.string(),
      /** Its offset in `deliveries.fifo`, kept wherever it goes on to; left out there, for the record has it. */
      position: leftOut(z.number()),
    }),
  ),
  /** A test: sent once and at once or not at all, whatever waits before it, and never kept for later. */
  test: leftOut(z.literal(true)),
});

export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** One event for one subscription, on its way: what `deliveries`, `deliveries.fifo`, `fifo.hold`, `delay.*` and `parked` hold. */
export interface Delivery extends z.infer<typeof deliveryHeaderSchema> {
  readonly subscription: SubscriptionId;
  readonly event: EventAttributes;
  /** The `event` header's bytes, passed on as they came. */
  readonly eventBytes: Buffer;
  /** The event's data as the producer wrote it. */
  readonly data: Buffer;
  readonly traceparent?: string;
}

const DELIVERY_HEADER = 'delivery';

export function encodeDelivery(topic: string, delivery: Delivery): OutgoingRecord {
  // Written out, here and below: to spread an object of so many members costs several times what is done with it.
  const header: z.infer<typeof deliveryHeaderSchema> = {
    id: delivery.id,
    organization: delivery.organization,
    configVersion: delivery.configVersion,
    run: delivery.run,
    runStartedAtMs: delivery.runStartedAtMs,
    attemptsInRun: delivery.attemptsInRun,
    attempt: delivery.attempt,
    firstSeenAtMs: delivery.firstSeenAtMs,
    dueAtMs: delivery.dueAtMs,
    plannedAtMs: delivery.plannedAtMs,
    reason: delivery.reason,
    hops: delivery.hops,
  };
  if (delivery.firstSentAtMs !== undefined) header.firstSentAtMs = delivery.firstSentAtMs;
  if (delivery.failedBy !== undefined) header.failedBy = delivery.failedBy;
  if (delivery.order !== undefined) header.order = delivery.order;
  if (delivery.test) header.test = true;
  const headers: Record<string, string | Buffer> = {
    [DELIVERY_HEADER]: JSON.stringify(header),
    [EVENT_HEADER]: delivery.eventBytes,
  };
  if (delivery.traceparent !== undefined) headers[TRACEPARENT_HEADER] = delivery.traceparent;
  return { topic, key: delivery.subscription, value: delivery.data, headers };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function decodeDelivery(record: ConsumedRecord): Delivery {
  const subscription = record.key?.toString('utf8') ?? '';
  if (!isId('sub', subscription)) throw new PoisonRecord('undecodable', 'the key is no subscription id');
  if (!record.value) throw new PoisonRecord('undecodable', 'the value is null');
  const eventBytes = requiredHeader(record.headers, EVENT_HEADER);
  const traceparent = headerText(record.headers, TRACEPARENT_HEADER);
  const delivery = Object.assign(jsonHeader(deliveryHeaderSchema, record.headers, DELIVERY_HEADER), {
    subscription,
    event: decodeEventAttributes(eventBytes),
    eventBytes,
    data: record.value,
  });
  return traceparent === undefined ? delivery : Object.assign(delivery, { traceparent });
}

/** All that matters of a delivery while it only waits. */
export interface WaitingDelivery {
  readonly subscription: SubscriptionId;
  readonly runStartedAtMs: number;
}

const waitingSchema = deliveryHeaderSchema.pick({ runStartedAtMs: true });

/**
 * Reads so little of a record that very many can be looked through.
 *
 * @throws PoisonRecord when the record was not written by Hookstream
 */
export function decodeWaiting({ key, headers }: ConsumedRecord): WaitingDelivery {
  const subscription = key?.toString('utf8') ?? '';
  if (!isId('sub', subscription)) throw new PoisonRecord('undecodable', 'the key is no subscription id');
  return { subscription, ...jsonHeader(waitingSchema, headers, DELIVERY_HEADER) };
}
