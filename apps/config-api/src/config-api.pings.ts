import { encodeDelivery } from '@hookstream/contracts';
import { type LogAdmin, type RecordProducer, TransientKafkaError } from '@hookstream/kafka';
import { type ServiceHost } from '@hookstream/service';
import { KafkaOutcomeLog } from './adapters/kafka/kafka-outcome-log.js';
import { type Settings } from './config.js';
import { type Propagation } from './core/propagation.js';
import { type Subscriptions } from './core/subscriptions/subscriptions.js';
import { SubscriptionTests } from './core/tests/subscription-tests.js';
import { within } from './core/within.js';
import { PostgresOwedPings } from './adapters/postgres/owed-pings.js';
import { repeatedly } from './adapters/repeatedly.js';
import { type DataSource } from 'typeorm';

interface TestingParts {
  readonly producer: RecordProducer;
  readonly admin: LogAdmin;
  readonly subscriptions: Subscriptions;
  readonly propagation: Propagation;
  readonly dataSource: DataSource;
}

/** With what is overdue by then: a ping that was lost comes within a minute. */
const OWED_INTERVAL_MS = 10_000;

/** Tests of subscriptions over Kafka; those under way when the service is to stop are answered as pending. */
export function startTests(host: ServiceHost<Settings>, given: TestingParts): SubscriptionTests {
  const { settings, topics, lifecycle, log, logger } = host;
  const { producer, admin, subscriptions, propagation, dataSource } = given;
  const ranges = log.ranges();
  const stopping = new AbortController();
  lifecycle.onDrain('tests', () => stopping.abort());
  lifecycle.onClose('outcomes of tests', () => ranges.close());
  const tests = new SubscriptionTests({
    subscriptions,
    propagation,
    owed: new PostgresOwedPings(dataSource),
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
  repeatedly(host, 'pings that are owed', OWED_INTERVAL_MS, dataSource, () => tests.sendOwed());
  return tests;
}
