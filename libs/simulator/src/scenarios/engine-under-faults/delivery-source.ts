import { encodeDelivery, encodeEventAttributes, type Delivery, type SubscriptionDocument } from '@hookstream/contracts';
import { deliveryId } from '@hookstream/domain';
import { TransientKafkaError } from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { type EngineWorld } from './engine-world.js';

/** Of all deliveries, those a router that was killed before its commit writes once more. */
const WRITTEN_TWICE = 0.03;

/** Stands for the router: writes each delivery until it is acknowledged, most for the first subscriptions. */
export function deliverySource({ ledger, subscriptions, topics, produceUntilMs, simulation }: EngineWorld): Program {
  let event = 0;
  return async (replica, log) => {
    const producer = log.producer({ deliveryTimeoutMs: 5_000 });
    const write = (delivery: Delivery) => {
      producer.send(encodeDelivery(topics.deliveries, delivery)).then(
        () => {
          ledger.wasProduced(delivery.id);
        },
        (error: unknown) => {
          // Not acknowledged: nothing was accepted.
          if (!(error instanceof TransientKafkaError)) simulation.reportDefect(error);
        },
      );
    };
    while (replica.performanceNow() < produceUntilMs) {
      event += 1;
      const subscription = subscriptions[Math.floor(subscriptions.length * replica.random.next() ** 2)];
      if (subscription === undefined) continue;
      const delivery = deliveryOf(event, subscription, replica.now());
      write(delivery);
      if (replica.random.chance(WRITTEN_TWICE))
        replica.setTimeout(() => write(delivery), replica.random.between(1, 5_000));
      if (replica.random.chance(0.4)) await replica.sleep(replica.random.exponential(100));
    }
  };
}

function deliveryOf(number: number, { id, organization, version }: SubscriptionDocument, nowMs: number): Delivery {
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
