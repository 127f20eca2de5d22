import { decodeCommand, encodeConfigDocument, type SubscriptionDocument } from '@hookstream/contracts';
import { TransientKafkaError, type RecordProducer } from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { type Replica } from '../../replica/replica.js';
import { untilClosed } from '../until-closed.js';
import { type EngineWorld } from './engine-world.js';

/** Until somebody looks at what has paused a subscription. */
const PAUSED_MS = [100, 6_000] as const;
const AGAIN_MS = 200;

/** Stands for config-api and an operator: pauses what the dispatcher asks to be paused, and resumes it after a time. */
export function configProcess({ simulation, topics, subscriptions, policies }: EngineWorld): Program {
  const inForce = new Map<string, SubscriptionDocument>(subscriptions.map((document) => [document.id, document]));
  return async (replica, log) => {
    const producer = log.producer({ ordered: true, deliveryTimeoutMs: 5_000 });
    const publish = async (document: SubscriptionDocument) => {
      await untilWritten(replica, producer, encodeConfigDocument(topics.config, document));
      inForce.set(document.id, document);
    };
    const resume = async (document: SubscriptionDocument) => {
      policies.resumed(document.id);
      await publish({ ...document, version: document.version + 1, paused: false, resumedAtMs: replica.now() });
    };
    const consumer = log.consumer(
      { groupId: 'config-api', topics: [topics.commands] },
      {
        onBatch: async ({ records }) => {
          for (const { subscription, expectedVersion } of records.map(decodeCommand)) {
            const document = inForce.get(subscription);
            if (document?.version !== expectedVersion) continue;
            const paused = { ...document, version: document.version + 1, paused: true };
            await publish(paused);
            policies.paused(subscription, replica.now());
            replica.setTimeout(
              () => {
                resume(paused).catch((error: unknown) => simulation.reportDefect(error));
              },
              replica.random.between(...PAUSED_MS),
            );
          }
        },
      },
    );
    await untilClosed(consumer.start());
  };
}

async function untilWritten(
  replica: Replica,
  producer: RecordProducer,
  record: ReturnType<typeof encodeConfigDocument>,
): Promise<void> {
  for (;;) {
    try {
      await producer.send(record);
      return;
    } catch (error) {
      if (!(error instanceof TransientKafkaError)) throw error;
    }
    await replica.sleep(AGAIN_MS);
  }
}
