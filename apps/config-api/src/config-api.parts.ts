import { setImmediate } from 'node:timers/promises';
import { INTERNAL_OVERHEAD_BYTES, SecretBox } from '@hookstream/contracts';
import { connectDatabase, createDataSource, type DatabaseSettings, runMigrations } from '@hookstream/database';
import { TransientKafkaError } from '@hookstream/kafka';
import { type ServiceHost } from '@hookstream/service';
import { type DataSource } from 'typeorm';
import { CommandHandler } from './adapters/kafka/command-handler.js';
import { HttpEventLog } from './adapters/http-event-log.js';
import { KafkaTopicCatalog } from './adapters/kafka/kafka-topic-catalog.js';
import { KnownConfiguration } from './adapters/kafka/known-configuration.js';
import { PostgresAuditLog } from './adapters/postgres/audit-log.js';
import { KeyUse } from './adapters/postgres/key-use.js';
import { repeatedly } from './adapters/repeatedly.js';
import { configDatabase } from './adapters/postgres/config-database.js';
import { prepareFirstStart } from './adapters/postgres/first-start.js';
import { PostgresConfigStore } from './adapters/postgres/postgres-config-store.js';
import { PostgresApiKeyDirectory, PostgresOrganizationDirectory } from './adapters/postgres/postgres-lookups.js';
import {
  apiKeyMapping,
  eventTypeMapping,
  organizationMapping,
  sourceMapping,
  subscriptionMapping,
} from './adapters/postgres/table-mappings.js';
import { type Settings } from './config.js';
import { startRelay } from './config-api.relay.js';
import { ApiKeys, viewApiKey } from './core/api-keys/api-keys.js';
import { Authenticator } from './core/api-keys/authenticator.js';
import { RememberingUnknownKeys } from './core/api-keys/unknown-keys.js';
import { type RequestNames } from './core/idempotency/idempotency.js';
import { PostgresRequestNames } from './adapters/postgres/request-names.js';
import { AuditTrail } from './core/audit/audit-trail.js';
import { viewEventType } from './core/event-types/event-type-state.js';
import { EventTypes } from './core/event-types/event-types.js';
import { EventIntake } from './core/events/event-intake.js';
import { firstOf } from './core/organizations/organization-of-request.js';
import { Organizations, viewOrganization } from './core/organizations/organizations.js';
import { type Propagation, propagationBy } from './core/propagation.js';
import { auditedSource, Sources } from './core/sources/sources.js';
import { Explainer } from './core/subscriptions/explainer.js';
import { PostgresConfigurationStore } from './adapters/postgres/postgres-configuration-store.js';
import { Configuration } from './core/apply/configuration.js';
import { SecretSealer } from './core/subscriptions/stored-secret.js';
import { SubscriptionSecrets } from './core/subscriptions/subscription-secrets.js';
import { viewSubscription } from './core/subscriptions/subscription-view.js';
import { Subscriptions } from './core/subscriptions/subscriptions.js';
import { Activations } from './core/tests/activations.js';
import { type SubscriptionTests } from './core/tests/subscription-tests.js';
import { startTests } from './config-api.pings.js';
import { within } from './core/within.js';

export interface ConfigApiParts {
  readonly dataSource: DataSource;
  readonly organizations: Organizations;
  readonly subscriptions: Subscriptions;
  readonly subscriptionSecrets: SubscriptionSecrets;
  readonly tests: SubscriptionTests;
  readonly activations: Activations;
  readonly explainer: Explainer;
  readonly apiKeys: ApiKeys;
  readonly sources: Sources;
  readonly eventTypes: EventTypes;
  readonly auditTrail: AuditTrail;
  readonly requestNames: RequestNames;
  readonly configuration: Configuration;
  readonly authenticator: Authenticator;
  readonly intake: EventIntake;
  readonly commands: CommandHandler;
  readonly propagation: Propagation;
}

const now = () => new Date();
const KEY_USE_INTERVAL_MS = 30_000;
const RETENTION_INTERVAL_MS = 3_600_000;

/** Everything config-api is made of, put together; nothing runs yet but what the host's lifecycle starts. */
export function buildParts(host: ServiceHost<Settings>): ConfigApiParts {
  const { settings, topics, logger, log } = host;
  const dataSource = openDatabase(host);
  const known = new KnownConfiguration();
  const relay = startRelay(host, dataSource, known);
  const rowsCommitted = host.failPoint('config-api.rows-committed');
  const propagation = propagationBy(() => {
    rowsCommitted();
    return relay.publish();
  });

  const committedOrganizations = new PostgresOrganizationDirectory(dataSource);
  const eventProducer = host.producer({
    deliveryTimeoutMs: settings.EVENT_WRITE_TIMEOUT,
    maxRecordBytes: settings.MAX_EVENT_BYTES + INTERNAL_OVERHEAD_BYTES,
  });
  const admin = log.admin();
  host.lifecycle.onClose('topic admin', () => admin.close());

  const stored = { dataSource, now };
  const secrets = new SecretBox(settings.ENCRYPTION_KEYS);
  const organizations = new PostgresConfigStore({ ...stored, mapping: organizationMapping, audited: viewOrganization });
  const keyUse = new KeyUse(dataSource);
  const auditLog = new PostgresAuditLog(dataSource);
  const requestNames = new PostgresRequestNames(dataSource, secrets);
  repeatedly(host, 'retention of idempotency keys', RETENTION_INTERVAL_MS, dataSource, () => requestNames.forget());
  repeatedly(host, 'last use of keys', KEY_USE_INTERVAL_MS, dataSource, () => keyUse.write());
  repeatedly(host, 'retention of the audit trail', RETENTION_INTERVAL_MS, dataSource, () =>
    auditLog.forget(new Date(Date.now() - settings.AUDIT_TRAIL_RETENTION)),
  );

  const subscriptionStore = new PostgresConfigStore({
    ...stored,
    mapping: subscriptionMapping,
    audited: (state) => viewSubscription(state),
    quota: 'subscriptions',
  });
  const eventTypeStore = new PostgresConfigStore({
    ...stored,
    mapping: eventTypeMapping,
    audited: viewEventType,
    quota: 'eventTypes',
  });
  const sealer = new SecretSealer(secrets);
  const subscriptions = new Subscriptions({
    store: subscriptionStore,
    organizations: committedOrganizations,
    sealer,
    secrets,
    startsInactive: async (id) => (await organizations.find(id, null))?.startInactive ?? false,
    topics,
    now,
  });
  const apiKeys = new ApiKeys({
    store: new PostgresConfigStore({
      ...stored,
      mapping: apiKeyMapping,
      audited: (state) => viewApiKey(state),
      quota: 'apiKeys',
    }),
    organizations: committedOrganizations,
    onRemoved: (id) => known.revoke(id),
    now,
  });
  const tests = startTests(host, { producer: eventProducer, admin, subscriptions, propagation, dataSource });
  const { hostname: origin } = new URL(settings.PUBLIC_URL);
  return {
    dataSource,
    configuration: new Configuration({
      store: new PostgresConfigurationStore(dataSource, {
        organizations,
        subscriptions: subscriptionStore,
        eventTypes: eventTypeStore,
      }),
      organizations: committedOrganizations,
      subscription: (...given) => subscriptions.planned(...given),
      refused: (...given) => subscriptions.refused(...given),
      now,
      yieldToOthers: () => setImmediate(),
    }),
    requestNames,
    subscriptions,
    subscriptionSecrets: new SubscriptionSecrets({ store: subscriptionStore, sealer, now }),
    tests,
    activations: new Activations({ subscriptions, tests, origin }),
    explainer: new Explainer({
      subscriptions,
      organizations: committedOrganizations,
      events: new HttpEventLog(settings.AUDIT_LOG_URL, settings.AUDIT_LOG_TIMEOUT),
      topic: topics.events,
      now,
    }),
    apiKeys,
    propagation,
    organizations: new Organizations(organizations, now),
    sources: new Sources({
      store: new PostgresConfigStore({ ...stored, mapping: sourceMapping, audited: auditedSource }),
      catalog: new KafkaTopicCatalog(admin),
      topics,
      now,
    }),
    eventTypes: new EventTypes({
      store: eventTypeStore,
      organizations: committedOrganizations,
      now,
    }),
    authenticator: new Authenticator(
      [known, new RememberingUnknownKeys(new PostgresApiKeyDirectory(dataSource), Date.now)],
      Date.now,
      (key, atMs) => keyUse.note(key, atMs),
    ),
    auditTrail: new AuditTrail(auditLog, committedOrganizations),
    intake: new EventIntake({
      topic: topics.events,
      maxEventBytes: settings.MAX_EVENT_BYTES,
      organizations: firstOf(known.organizationDirectory, committedOrganizations),
      violations: (event, data) => known.violations(event, data),
      write: async (records) => {
        const written = eventProducer.sendAll(records).then(() => true);
        if (await within(settings.EVENT_WRITE_TIMEOUT, written)) return;
        throw new TransientKafkaError(`Kafka did not take the events within ${settings.EVENT_WRITE_TIMEOUT} ms`);
      },
      nowMs: Date.now,
    }),
    commands: new CommandHandler({
      subscriptions,
      propagation,
      write: (record) => eventProducer.send(record),
      deadLetters: topics.deadLetters,
      maxEventBytes: settings.MAX_EVENT_BYTES,
      logger,
      nowMs: Date.now,
    }),
  };
}

/** The tables: migrated and with what a first start makes, before the service is ready. */
function openDatabase({ settings, lifecycle, logger, readiness }: ServiceHost<Settings>): DataSource {
  const database: DatabaseSettings = {
    url: settings.DATABASE_URL,
    schema: settings.DATABASE_SCHEMA,
    applicationName: 'hookstream-config-api',
    poolSize: settings.DATABASE_POOL_SIZE,
  };
  const dataSource = createDataSource(database, configDatabase, logger);
  const stopping = new AbortController();
  lifecycle.onStart('database', async () => {
    const options = { logger, signal: stopping.signal };
    await runMigrations(database, configDatabase, options);
    await connectDatabase(dataSource, options);
    await prepareFirstStart(dataSource, settings.BOOTSTRAP_API_KEY, now());
  });
  readiness.register('database answers', async () => {
    if (!dataSource.isInitialized) return 'not connected yet';
    await dataSource.query('SELECT 1');
    return true;
  });
  lifecycle.onDrain('database start', () => Promise.resolve(stopping.abort()));
  return dataSource;
}
