import { Module, type DynamicModule } from '@nestjs/common';
import { INTERNAL_OVERHEAD_BYTES, IngressSources } from '@hookstream/contracts';
import { between, sourceListener, type ServiceHost } from '@hookstream/service';
import { configurationAsOfNow } from './adapters/configuration-as-of-now.js';
import { publishReplay } from './adapters/kafka-replays.js';
import { KafkaSetAside } from './adapters/kafka-set-aside.js';
import { LogMetrics } from './adapters/log-metrics.js';
import { ATTEMPTS, DEAD_LETTERS, INGRESS, LogTopicsController, ROUTED } from './adapters/log-topics.controller.js';
import { openLogDatabase } from './adapters/open-log-database.js';
import { PostgresDeliveryCounter } from './adapters/postgres-delivery-counter.js';
import { PostgresHealthReader } from './adapters/postgres-health-reader.js';
import { PostgresLogReader } from './adapters/postgres-log-reader.js';
import { PostgresLogStore } from './adapters/postgres-log-store.js';
import { startHealthWatch } from './adapters/start-health-watch.js';
import type { Settings } from './config.js';
import { KeyRing } from './core/access/key-ring.js';
import { ConfiguredSubscriptions } from './core/configured-subscriptions.js';
import { DefectBudget } from './core/ingest/defect-budget.js';
import { IngressReader } from './core/ingest/ingress-reader.js';
import { LogIntake } from './core/ingest/log-intake.js';
import { Organizations } from './core/ingest/organizations.js';
import { PendingHold } from './core/ingest/pending-hold.js';
import { Replay } from './core/replay/replay.js';
import { EndpointStats } from './core/read/endpoint-stats.js';
import { LogSearch } from './core/read/log-search.js';
import { DeadLettersController } from './http/dead-letters.controller.js';
import { DeliveriesController } from './http/deliveries.controller.js';
import { EventsController } from './http/events.controller.js';
import { StatsController } from './http/stats.controller.js';

/** All partitions of a fetch go into one transaction together. */
const PARTITIONS_AT_ONCE = 64;
/** What one fetch brings, so that what is made of it is gone before the garbage collector takes it for long-lived. */
const FETCH_BYTES = 4_194_304;
const FETCH_BYTES_PER_PARTITION = 524_288;
/** Longer than a flush takes: a partition that waits alone is fetched anew, so it must be the exception. */
const DETACH_AFTER_MS = 2_000;
/** What was routed is held until it is finished: the others must not wait for that. */
const DETACH_ROUTED_AFTER_MS = 10;
/** Some 20 MB; above it, what is routed is written at once. */
const MAX_HELD_DELIVERIES = 40_000;
/** Records set aside as our own defects per minute; above it the log stops instead of flushing topics. */
const DEFECTS_PER_MINUTE = 100;
/** A caller waits for it. */
const REPLAY_WITHIN_MS = 5_000;
const MINUTE_MS = 60_000;

@Module({})
export class AuditLogModule {
  static of(host: ServiceHost<Settings>): DynamicModule {
    const { topics, settings, logger } = host;
    const maxEventBytes = settings.MAX_EVENT_BYTES;
    const sources = new IngressSources(topics.events);
    const organizations = new Organizations();
    const keys = new KeyRing();
    const subscriptions = new ConfiguredSubscriptions();
    const maxRecordBytes = maxEventBytes + INTERNAL_OVERHEAD_BYTES;
    const metrics = new LogMetrics(host.metrics);
    const { dataSource, partitions } = openLogDatabase(host);

    const store = metrics.measured(new PostgresLogStore(dataSource, partitions));
    const step = (name: string) => host.failPoint(`audit-log.${name}`);
    const intake = new LogIntake({
      store: { write: between(step('write-begins'), (rows) => store.write(rows), step('written')) },
      setAside: new KafkaSetAside({
        producer: host.producer({ maxRecordBytes }),
        deadLettersTopic: topics.deadLetters,
        maxEventBytes,
        logger,
        onSetAside: (reason) => metrics.setAside(reason),
        nowMs: Date.now,
      }),
      defects: new DefectBudget(DEFECTS_PER_MINUTE, MINUTE_MS, Date.now),
      hold: new PendingHold({ holdMs: settings.LOG_HOLD_PENDING, maxHeld: MAX_HELD_DELIVERIES }),
      bounds: {
        lingerMs: settings.LOG_LINGER,
        maxRows: settings.LOG_FLUSH_ROWS,
        maxBytes: settings.LOG_FLUSH_BYTES,
      },
    });
    const transport = host.batchTransport({
      groupId: `${settings.TOPIC_PREFIX}audit-log`,
      topics: {
        [INGRESS]: sources.topics(),
        [ROUTED]: [topics.routed],
        [ATTEMPTS]: [topics.attempts],
        [DEAD_LETTERS]: [topics.deadLetters],
      },
      startAt: ({ topic, partition }) => sources.startOf(topic, partition),
      commit: 'after-handler',
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      detachAfterMs: (topic) => (topic === topics.routed ? DETACH_ROUTED_AFTER_MS : DETACH_AFTER_MS),
    });
    const configuration = host.configTable(
      organizations,
      keys,
      subscriptions,
      sourceListener(sources, (wanted) => transport.setTopics(INGRESS, wanted), logger),
    );
    startHealthWatch(host, dataSource, subscriptions);
    const reader = new PostgresLogReader(dataSource);
    const ingress = new IngressReader({
      sources,
      organizations,
      maxEventBytes,
      configurationAsOfNow: () => configurationAsOfNow(configuration),
      onSkipped: (reason) => metrics.skipped(reason),
    });
    const replay = new Replay({
      log: reader,
      subscriptions,
      publish: between(
        step('replay-begins'),
        publishReplay(host.producer({ maxRecordBytes, deliveryTimeoutMs: REPLAY_WITHIN_MS }), topics),
        step('replay-written'),
      ),
      store,
      nowMs: Date.now,
    });
    const stats = new EndpointStats({
      reader: new PostgresHealthReader(dataSource),
      counter: new PostgresDeliveryCounter(dataSource),
      organizations,
      subscriptions,
      now: Date.now,
    });
    return {
      module: AuditLogModule,
      controllers: [
        LogTopicsController,
        DeliveriesController,
        EventsController,
        DeadLettersController,
        StatsController,
      ],
      providers: [
        { provide: LogIntake, useValue: intake },
        { provide: IngressReader, useValue: ingress },
        { provide: KeyRing, useValue: keys },
        { provide: LogSearch, useValue: new LogSearch(reader, organizations, Date.now) },
        { provide: Replay, useValue: replay },
        { provide: EndpointStats, useValue: stats },
      ],
    };
  }
}
