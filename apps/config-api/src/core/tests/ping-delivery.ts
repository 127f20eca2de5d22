import { type Delivery, encodeEventAttributes } from '@hookstream/contracts';
import {
  deliveryId,
  type EventAttributes,
  eventIdFromProducer,
  HANDSHAKE_TYPE,
  newId,
  PING_TYPE,
} from '@hookstream/domain';
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
  const id = occasion === 'activation' ? idOfActivation(state) : newId('evt');
  return testDelivery(state, { id, type: PING_TYPE }, state.settings.test?.body ?? factsOf(state, nowMs), topic, nowMs);
}

/**
 * A delivery that asks an endpoint for its leave, instead of bringing it something.
 *
 * @param origin the DNS name that is to be allowed
 * @param topic the one it is written to
 */
export function handshakeDelivery(state: SubscriptionState, origin: string, topic: string, nowMs: number): Delivery {
  const asked = { id: newId('evt'), type: HANDSHAKE_TYPE, subject: origin };
  return testDelivery(state, asked, factsOf(state, nowMs), topic, nowMs);
}

function factsOf({ id, name }: SubscriptionState, nowMs: number): string {
  return JSON.stringify({ subscription: id, name, sentAt: new Date(nowMs).toISOString() });
}

function testDelivery(
  state: SubscriptionState,
  named: Pick<EventAttributes, 'id' | 'type' | 'subject'>,
  data: string,
  topic: string,
  nowMs: number,
): Delivery {
  const event: EventAttributes = {
    ...named,
    organization: state.organization,
    source: PING_SOURCE,
    time: new Date(nowMs).toISOString(),
    dataContentType: 'application/json',
    // It is in no ingress topic; the offset is not known before it is written.
    origin: { topic, partition: 0, offset: 0 },
  };
  const { id, version } = state;
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
