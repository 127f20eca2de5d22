import { encodeDelivery, type Delivery } from '@hookstream/contracts';
import { TransientKafkaError } from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { deliveryOf } from '../synthetic-delivery.js';
import { type EngineWorld } from './engine-world.js';

/** Of all deliveries, those a router that was killed before its commit writes once more. */
const WRITTEN_TWICE = 0.03;

const ORDERING_KEYS = 3;

/** Stands for the router: writes each delivery until it is acknowledged, most for the first subscriptions. */
export function deliverySource({ ledger, subscriptions, topics, produceUntilMs, simulation }: EngineWorld): Program {
  let event = 0;
  return async (replica, log) => {
    const producer = log.producer({ deliveryTimeoutMs: 5_000 });
    const orderedProducer = log.producer({ deliveryTimeoutMs: 5_000, ordered: true });
    const write = (delivery: Delivery) => {
      const sent = delivery.order
        ? orderedProducer.send(encodeDelivery(topics.deliveriesFifo, delivery))
        : producer.send(encodeDelivery(topics.deliveries, delivery));
      sent.then(
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
      const unordered = deliveryOf(event, subscription, replica.now());
      const isOrdered = subscription.settings.ordering !== undefined;
      const delivery = isOrdered ? { ...unordered, order: { key: `k${event % ORDERING_KEYS}` } } : unordered;
      write(delivery);
      if (replica.random.chance(WRITTEN_TWICE))
        replica.setTimeout(() => write(delivery), replica.random.between(1, 5_000));
      if (replica.random.chance(0.4)) await replica.sleep(replica.random.exponential(100));
    }
  };
}
