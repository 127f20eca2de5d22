import { type Delivery, encodeEventAttributes } from '@hookstream/contracts';
import { deliveryId, type EventAttributes, eventIdFromProducer, newId, PING_TYPE } from '@hookstream/domain';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';

/** What a ping says it comes from: a CloudEvents source. */
const PING_SOURCE = 'hookstream';

/** A test that somebody asked for, or the one ping of an activation: however often that is written, it is the same delivery. */
type PingOccasion = 'asked-for' | 'activation';

/**
 * A delivery of an event that no producer wrote.
 *
 * @param topic the one it is written to
 */
export function pingDelivery(state: SubscriptionState, occasion: PingOccasion, topic: string, nowMs: number): Delivery {
  const time = new Date(nowMs).toISOString();
  const event: EventAttributes = {
    id: occasion === 'activation' ? idOfActivation(state) : newId('evt'),
    organization: state.organization,
    type: PING_TYPE,
    source: PING_SOURCE,
    time,
    dataContentType: 'application/json',
    // It is in no ingress topic; the offset is not known before it is written.
    origin: { topic, partition: 0, offset: 0 },
  };
  const { id, version, settings } = state;
  const data = settings.test?.body ?? JSON.stringify({ subscription: id, name: state.name, sentAt: time });
  return {
    id: deliveryId(event.id, id),
    organization: state.organization,
    subscription: id,
    configVersion: version,
    run: '0',
    runStartedAtMs: nowMs,
    attemptsInRun: 0,
    attempt: 1,
    firstSeenAtMs: nowMs,
    dueAtMs: nowMs,
    plannedAtMs: nowMs,
    reason: 'test',
    hops: 0,
    test: true,
    event,
    eventBytes: encodeEventAttributes(event),
    data: Buffer.from(data),
  };
}

function idOfActivation({ organization, id, activatedAt }: SubscriptionState): EventAttributes['id'] {
  return eventIdFromProducer(organization, PING_SOURCE, `${id} ${activatedAt?.toISOString() ?? ''}`);
}
