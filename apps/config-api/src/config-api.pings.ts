import { encodeDelivery } from '@hookstream/contracts';
import { type LogAdmin, type RecordProducer, TransientKafkaError } from '@hookstream/kafka';
import { type ServiceHost } from '@hookstream/service';
import { KafkaOutcomeLog } from './adapters/kafka/kafka-outcome-log.js';
import { type Settings } from './config.js';
import { type Propagation } from './core/propagation.js';
import { type Subscriptions } from './core/subscriptions/subscriptions.js';
import { SubscriptionTests } from './core/tests/subscription-tests.js';
import { within } from './core/within.js';

interface TestingParts {
  readonly producer: RecordProducer;
  readonly admin: LogAdmin;
  readonly subscriptions: Subscriptions;
  readonly propagation: Propagation;
}

/** Tests of subscriptions over Kafka; those under way when the service is to stop are answered as pending. */
export function startTests(host: ServiceHost<Settings>, given: TestingParts): SubscriptionTests {
  const { settings, topics, lifecycle, log, logger } = host;
  const { producer, admin, subscriptions, propagation } = given;
  const ranges = log.ranges();
  const stopping = new AbortController();
  lifecycle.onDrain('tests', () => stopping.abort());
  lifecycle.onClose('outcomes of tests', () => ranges.close());
  return new SubscriptionTests({
    subscriptions,
    propagation,
    outcomes: new KafkaOutcomeLog(ranges, admin, topics.attempts),
    topic: topics.deliveries,
    write: async (delivery) => {
      const sent = producer.send(encodeDelivery(topics.deliveries, delivery));
      const written = await within(settings.EVENT_WRITE_TIMEOUT, sent);
      if (written) return written.partition;
      throw new TransientKafkaError(`Kafka did not take the ping within ${settings.EVENT_WRITE_TIMEOUT} ms`);
    },
    onNotSent: (subscription, error) => logger.warn('a ping was not sent', { subscription, error }),
    abortAfter: (milliseconds) => AbortSignal.any([AbortSignal.timeout(milliseconds), stopping.signal]),
    nowMs: Date.now,
  });
}
