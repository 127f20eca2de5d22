import { encodeEventAttributes, type Delivery, type SubscriptionDocument } from '@hookstream/contracts';
import { deliveryId } from '@hookstream/domain';

/** A first attempt that is due now, of an event of its own number. */
export function deliveryOf(
  number: number,
  { id, organization, version }: SubscriptionDocument,
  nowMs: number,
): Delivery {
  const event = {
    id: `evt_${number}` as const,
    organization,
    type: 'invoice.submitted',
    source: 'billing',
    time: '2026-01-01T00:00:00.000Z',
    origin: { topic: 'events', partition: 0, offset: number },
  };
  return {
    id: deliveryId(event.id, id),
    subscription: id,
    organization,
    event,
    eventBytes: encodeEventAttributes(event),
    data: Buffer.from('{}'),
    configVersion: version,
    run: '0',
    runStartedAtMs: nowMs,
    attemptsInRun: 0,
    attempt: 1,
    firstSeenAtMs: nowMs,
    dueAtMs: nowMs,
    plannedAtMs: nowMs,
    reason: 'new',
    hops: 0,
  };
}
