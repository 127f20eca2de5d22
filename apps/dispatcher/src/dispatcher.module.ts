import { setTimeout as sleep } from 'node:timers/promises';
import { Module, type DynamicModule } from '@nestjs/common';
import { INTERNAL_OVERHEAD_BYTES, SecretBox } from '@hookstream/contracts';
import { createAddressPolicy, createEndpointSender, createSmallExchange } from '@hookstream/egress';
import {
  DEFAULT_LANE_LIMITS,
  DEFAULT_ORDERED_LIMITS,
  Dispatcher,
  EffectWriter,
  Endpoints,
  Fence,
  ForgiveResumed,
  limitsOf,
  NewestRuns,
  resumedAtMsOf,
  Ownership,
  RecordHandler,
  Recovery,
  SubscriptionTable,
  TrackedOffsets,
  TrackerTable,
} from '@hookstream/engine';
import { RebalancedError } from '@hookstream/kafka';
import { between, type ServiceHost } from '@hookstream/service';
import { DELIVERIES, DeliveriesController } from './adapters/deliveries.controller.js';
import { dispatchTelemetry, measureEngine, measureEntities, recoveryTelemetry } from './adapters/dispatch-telemetry.js';
import { KafkaEffectPublisher } from './adapters/kafka-effect-publisher.js';
import { KafkaEndpointStates } from './adapters/kafka-endpoint-states.js';
import { KafkaOrderedLog } from './adapters/kafka-ordered-log.js';
import { KafkaReportReader } from './adapters/kafka-report-reader.js';
import { openEntityTables } from './adapters/level-entity-table.js';
import { eventLoopUtilization } from './adapters/event-loop-utilization.js';
import { countingRefusals, measuredAsking, measuredTemplates } from './adapters/request-telemetry.js';
import { startTemplateThread } from './adapters/template-thread.js';
import { WebhookAttempts } from './adapters/webhook-attempts.js';
import { userAgent, type Settings } from './config.js';
import { AccessTokens } from './core/access-tokens.js';
import { EntityCache } from './core/hydration/entity-cache.js';
import { EntityMemory } from './core/hydration/entity-memory.js';
import { maxHydratedBytes, type Entities } from './core/hydration/hydrated-body.js';
import { ResourceEntities } from './core/hydration/resource-entities.js';
import { TopicEntities } from './core/hydration/topic-entities.js';
import { MissingKeys } from './core/missing-keys.js';
import { TemplateLane } from './core/templates/template-lane.js';
import { TemplateRenderer } from './core/templates/template-renderer.js';
import { readTokenAnswer, tokenRequest } from './core/token-request.js';

/** A watermark that moved is committed within this. */
const COMMIT_INTERVAL_MS = 200;
/** What one intake decodes at once: some 10 ms of work, so that responses are not kept waiting. */
const FETCH_BYTES_PER_PARTITION = 262_144;
/** At a thousand events a second each would cost a fetch of its own; together they wait four milliseconds on average. */
const FETCH_EVERY_MS = 8;

/**
 * How long a report waits for others, to be sent with them: a send costs as much for one as for ten. In an ordered subscription
 * the next of a key waits for it too, so it is no longer.
 */
const REPORT_LINGER_MS = 5;

/** How often lanes are looked at: what stalls, what waits too long, what may start again. */
const TICK_MS = 100;
/** Places for slow endpoints, on top of `MAX_IN_FLIGHT` and by its measure: a request that hangs costs little but its place. */
const SLOW_SHARE = 2;

@Module({})
export class DispatcherModule {
  static of(host: ServiceHost<Settings>): DynamicModule {
    const { topics, settings, logger, metrics, lifecycle, readiness } = host;
    const observer = dispatchTelemetry(metrics, logger, settings.LOG_LEVEL === 'debug');
    const secrets = new SecretBox(settings.ENCRYPTION_KEYS);
    const subscriptions = new SubscriptionTable(secrets);
    const missingKeys = new MissingKeys(secrets);
    const configuration = host.configTable(
      subscriptions,
      missingKeys,
      {
        onSubscription: (document) => forgiving.onSubscription(document),
        onForgotten: (id) => forgiving.onForgotten(id),
      },
      {
        onSubscription: ({ id, active, settings: { endpoint } }) => {
          if (!active || !endpoint.tls) sender.forget(id);
        },
        onDeleted: ({ id }) => sender.forget(id),
      },
    );
    const endpointStates = host.endpointStates();
    const fence = new Fence(
      () => configuration.lastFetchCompletedAtMs(),
      () => performance.now(),
    );
    const policy = createAddressPolicy(settings.EGRESS_ALLOW);
    const sender = createEndpointSender({ policy });
    const smallExchange = createSmallExchange({ policy });
    const tokens = new AccessTokens({
      ask: measuredAsking(
        metrics,
        async ({ settings: client, secret }) =>
          readTokenAnswer(await smallExchange.post(tokenRequest(client, secret()))),
        () => performance.now(),
      ),
      now: () => performance.now(),
      sleep: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
    });
    const entityMemory = new EntityMemory();
    const entityCache = new EntityCache(settings.HYDRATE_CACHE_BYTES);
    const resources = new ResourceEntities({
      get: (request) => smallExchange.get(request),
      tokens,
      cache: entityCache,
      memory: entityMemory,
      userAgent: userAgent(),
      now: () => performance.now(),
    });
    const entityTopics = new TopicEntities({
      open: openEntityTables(host.log, settings.HYDRATE_DIR, settings.HYDRATE_TABLE_CACHE_BYTES),
      memory: entityMemory,
    });
    const entities: Entities = {
      read: (event, subscription, hydrate, nowMs) =>
        'topic' in hydrate
          ? entityTopics.read(event, subscription.document.id, hydrate)
          : resources.read(event, subscription, hydrate, nowMs),
    };
    const templateLane = () =>
      new TemplateLane({
        start: startTemplateThread,
        after: (milliseconds, callback) => {
          const timer = setTimeout(() => setImmediate(callback), milliseconds).unref();
          return () => clearTimeout(timer);
        },
      });
    const templates = new TemplateRenderer({
      lane: templateLane(),
      offenders: templateLane(),
      now: () => performance.now(),
    });
    const producer = host.producer({
      maxRecordBytes: settings.MAX_EVENT_BYTES + INTERNAL_OVERHEAD_BYTES,
      lingerMs: REPORT_LINGER_MS,
    });
    const orderedLog = new KafkaOrderedLog(host.log, topics, logger);
    const trackers = new TrackerTable({
      windowOf: (topic) => (topic === topics.fifoHold ? DEFAULT_ORDERED_LIMITS.holdWindow : undefined),
    });
    const states = new KafkaEndpointStates({
      stateOf: (subscription) => endpointStates.get(subscription),
      resumedAtMs: (subscription) => resumedAtMsOf(subscriptions.get(subscription)),
      producer: host.producer({ ordered: true }),
      topic: topics.endpointState,
      logger,
      now: Date.now,
    });
    const endpoints = new Endpoints({
      limits: (subscription) => limitsOf(subscriptions.get(subscription)),
      restore: (subscription) => states.memoryOf(subscription),
      tell: (subscription, standing) => states.tell(subscription, standing),
      workShare: eventLoopUtilization(),
      slowPlaces: Math.ceil(settings.MAX_IN_FLIGHT * SLOW_SHARE),
      now: Date.now,
    });
    const runs = new NewestRuns();
    const forgiving = new ForgiveResumed(endpoints);
    const step = (name: string) => host.failPoint(`dispatcher.${name}`);
    const reported = step('report-acknowledged');
    const followedUp = step('follow-up-acknowledged');
    let failure: unknown;

    const dispatcher = new Dispatcher({
      trackers,
      endpoints,
      observer,
      ordered: orderedLog,
      batchOf: (subscription) => subscriptions.batchOf(subscription),
      now: Date.now,
      handler: new RecordHandler({
        runs,
        topics,
        subscriptions,
        attempts: new WebhookAttempts({
          sender: {
            sendRequest: between(
              step('request-begins'),
              (request, mayBegin) => sender.sendRequest(request, mayBegin),
              step('response-received'),
            ),
          },
          tokens: countingRefusals(metrics, tokens),
          templates: measuredTemplates(metrics, templates, () => performance.now()),
          entities,
          maxBodyBytes: maxHydratedBytes(settings.MAX_EVENT_BYTES),
          userAgent: userAgent(),
        }),
        endpoints,
        observer,
        maxEventBytes: settings.MAX_EVENT_BYTES,
        now: Date.now,
        random: Math.random,
        mayBlame: () => fence.isOpen(),
      }),
      effects: new EffectWriter({
        publisher: new KafkaEffectPublisher(producer, (topic) =>
          topic === topics.attempts ? reported() : followedUp(),
        ),
        sleep: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
        onRetry: (error) => observer.effectDelayed(error),
        isMember: () => fence.isOpen(),
      }),
      flow: { pause: (at) => transport.pause([at]), resume: (at) => transport.resume([at]) },
      limits: {
        ...DEFAULT_LANE_LIMITS,
        inFlight: settings.MAX_IN_FLIGHT,
        unsettled: 2 * settings.MAX_IN_FLIGHT,
        bytes: settings.MAX_QUEUED_BYTES,
      },
      mayStart: () => configuration.isReady() && fence.isOpen(),
      onFatal: (error) => {
        failure = error;
        logger.error('stopped: records cannot be handled', { error });
        // Thrown where nobody catches it: the process ends, and its partitions go to others.
        setImmediate(() => {
          throw error;
        });
      },
    });
    const offsets = new TrackedOffsets(
      trackers,
      {
        commit: between(step('commit-begins'), (due) => transport.commit(due), step('committed')),
        committed: (of) => transport.committed(of),
      },
      (error) => {
        if (!(error instanceof RebalancedError)) logger.warn('offsets were not committed; trying again', { error });
      },
    );
    const reports = new KafkaReportReader(host.log, topics.attempts);
    const clock = {
      nowMs: () => performance.now(),
      abortAfter: (milliseconds: number) => AbortSignal.timeout(milliseconds),
    };
    const recovery = new Recovery(reports, recoveryTelemetry(metrics, logger), clock, runs);
    const ownership = new Ownership({
      dispatcher,
      offsets,
      recovery,
      fence,
      sleep: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
    });
    const transport = host.batchTransport({
      groupId: `${settings.TOPIC_PREFIX}dispatcher`,
      topics: { [DELIVERIES]: [topics.deliveries, topics.deliveriesFifo, topics.fifoHold] },
      assigner: 'co-partitioned-sticky',
      commit: 'manual',
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      fetchEveryMs: FETCH_EVERY_MS,
      listener: {
        onAssigned: (gained) => ownership.assigned(gained),
        onRevoked: (lost, reason) => ownership.revoked(lost, reason),
        onRebalancing: () => ownership.rebalancing(),
        onHeartbeat: (sentAtMs) => ownership.heartbeat(sentAtMs),
        onSkipped: (range) => dispatcher.skip(range),
      },
    });

    const tickTimer = setInterval(() => dispatcher.tick(), TICK_MS);
    const commitTimer = setInterval(() => offsets.tick(), COMMIT_INTERVAL_MS);
    measureEngine(metrics, dispatcher, endpoints, trackers);
    measureEntities(metrics, entityCache, entityMemory);
    readiness.register('encryption keys', () => missingKeys.problem ?? true);
    readiness.register('dispatch', () => {
      if (failure !== undefined) return 'stopped by a defect';
      return dispatcher.heldBackBecause ?? true;
    });
    lifecycle.onDrain('attempts', () => dispatcher.drain());
    lifecycle.onDrain('offsets', () => {
      clearInterval(commitTimer);
      clearInterval(tickTimer);
      return offsets.flush();
    });
    lifecycle.onClose('reports', () => reports.close());
    lifecycle.onClose('ordered log', () => orderedLog.close());
    lifecycle.onClose('entities', () => entityTopics.close());
    lifecycle.onClose('templates', () => templates.close());
    lifecycle.onClose('egress', () => sender.close());
    return {
      module: DispatcherModule,
      controllers: [DeliveriesController],
      providers: [{ provide: Dispatcher, useValue: dispatcher }],
    };
  }
}
