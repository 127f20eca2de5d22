import { setTimeout as delay } from 'node:timers/promises';
import { between, type ServiceHost } from '@hookstream/service';
import { type DataSource } from 'typeorm';
import { type KnownConfiguration } from './adapters/kafka/known-configuration.js';
import { TopicContents } from './adapters/kafka/topic-contents.js';
import { Leadership } from './adapters/postgres/leadership.js';
import { OutboxRelay } from './adapters/postgres/outbox-relay.js';
import { OutboxTable } from './adapters/postgres/outbox-table.js';
import { Reconciler } from './adapters/postgres/reconciler.js';
import { publishedTable, StoredDocuments } from './adapters/postgres/stored-documents.js';
import {
  apiKeyMapping,
  eventTypeMapping,
  organizationMapping,
  sourceMapping,
  subscriptionMapping,
} from './adapters/postgres/table-mappings.js';
import { RelayDuties } from './adapters/relay-duties.js';
import { RelayMetrics } from './adapters/relay-metrics.js';
import { type Settings } from './config.js';
import { PROPAGATION_TIMEOUT_MS } from './core/propagation.js';

const START_POLL_MS = 50;
const CATCH_UP_TIMEOUT_MS = 30_000;

/** All kinds of configuration, as they are published. */
export function storedDocuments(onUnreadable: (id: string, error: unknown) => void): StoredDocuments {
  const tables = [
    publishedTable(organizationMapping),
    publishedTable(subscriptionMapping),
    publishedTable(apiKeyMapping),
    publishedTable(sourceMapping),
    publishedTable(eventTypeMapping),
  ];
  return new StoredDocuments(tables, onUnreadable);
}

/** The way from the tables to the `config` topic: what every replica does with its own changes, and what one does for all. */
export function startRelay(
  host: ServiceHost<Settings>,
  dataSource: DataSource,
  known: KnownConfiguration,
): Pick<OutboxRelay, 'publish'> {
  const { lifecycle, logger, topics, settings, log } = host;
  const metrics = new RelayMetrics(host);
  const producer = host.producer({ ordered: true, lingerMs: 0, deliveryTimeoutMs: PROPAGATION_TIMEOUT_MS });
  const documents = storedDocuments((id, error) => logger.error('a document is not published', { id, error }));
  const now = () => new Date();
  const nowMs = () => performance.now();
  const relay = new OutboxRelay({
    dataSource,
    documents,
    topic: topics.config,
    send: between(
      host.failPoint('config-api.publish-begins'),
      (records) => producer.sendAll(records),
      host.failPoint('config-api.published'),
    ),
    now,
    nowMs,
    onPublished: (count, changedAtMs) => metrics.onPublished(count, changedAtMs),
  });
  const contents = new TopicContents();
  const table = host.configTable(known, contents);
  const admin = log.admin();
  lifecycle.onClose('relay admin', () => admin.close());
  const caughtUp = async () => {
    const ends = await admin.endOffsets(topics.config);
    const isRead = () => ends.every(({ partition, offset }) => (table.positions().get(partition) ?? 0) >= offset);
    for (const untilMs = nowMs() + CATCH_UP_TIMEOUT_MS; !table.isReady() || !isRead(); await delay(START_POLL_MS)) {
      if (nowMs() > untilMs) throw new Error('the config topic is not read to its end');
    }
  };
  const reconciler = new Reconciler({ dataSource, documents, contents, caughtUp });
  const outbox = new OutboxTable(dataSource, now);
  const duties = new RelayDuties({
    contents,
    outbox: {
      publish: () => relay.publish(),
      again: (ids) => outbox.again(ids),
      bury: () => outbox.bury(),
      waiting: () => outbox.waiting(),
    },
    reconcile: (signal) => reconciler.reconcile(signal),
    startOffsets: async () =>
      new Map((await admin.startOffsets(topics.config)).map(({ partition, offset }) => [partition, offset])),
    reconcileEveryMs: settings.CONFIG_RECONCILE_INTERVAL,
    nowMs,
    observer: metrics,
  });
  const leadership = new Leadership({
    dataSource,
    name: 'leader of config-api',
    lead: (signal) => duties.lead(signal),
    onChange: (isLeader) => metrics.onLeading(isLeader),
    onFailure: (error) => metrics.onFailure(error),
  });

  const stopping = new AbortController();
  lifecycle.onStart('outbox', async () => {
    const { signal } = stopping;
    while (!dataSource.isInitialized) await delay(START_POLL_MS, undefined, { signal });
    leadership.start();
    await relay.publish();
  });
  lifecycle.onDrain('outbox', async () => {
    stopping.abort();
    await leadership.close();
    await relay.close();
  });
  return relay;
}
