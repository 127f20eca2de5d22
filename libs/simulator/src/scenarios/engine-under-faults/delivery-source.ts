import { TransientKafkaError } from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { type EngineWorld } from './engine-world.js';
import { encodeWork } from './work-record.js';

/** Stands for the router: writes each delivery until it is acknowledged, most for the first subscriptions. */
export function deliverySource({ ledger, subscriptions, produceUntilMs, simulation }: EngineWorld): Program {
  let event = 0;
  return async (replica, log) => {
    const producer = log.producer({ deliveryTimeoutMs: 5_000 });
    while (replica.performanceNow() < produceUntilMs) {
      event += 1;
      const subscription = Math.floor(subscriptions * replica.random.next() ** 2);
      const work = { event, subscription, attempt: 1 };
      producer.send(encodeWork(work)).then(
        () => {
          ledger.wasProduced(work);
        },
        (error: unknown) => {
          // Not acknowledged: nothing was accepted.
          if (!(error instanceof TransientKafkaError)) simulation.reportDefect(error);
        },
      );
      if (replica.random.chance(0.2)) await replica.sleep(replica.random.exponential(100));
    }
  };
}
