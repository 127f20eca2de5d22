import { encodeDelivery, type Delivery, type Topics } from '@hookstream/contracts';
import type { RecordProducer } from '@hookstream/kafka';

/** Where a new run begins: as the router does, what must keep its order goes one way of its own. */
export function publishReplay(
  producer: Pick<RecordProducer, 'send'>,
  topics: Pick<Topics, 'deliveries' | 'deliveriesFifo'>,
): (delivery: Delivery) => Promise<void> {
  return async (delivery) => {
    await producer.send(encodeDelivery(delivery.order ? topics.deliveriesFifo : topics.deliveries, delivery));
  };
}
