import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type ServiceDefinition, type ServiceHost } from '@hookstream/service';
import { buildParts, type ConfigApiParts } from './config-api.parts.js';
import { COMMANDS, CommandsController } from './adapters/kafka/commands.controller.js';
import { CommandHandler } from './adapters/kafka/command-handler.js';
import { settings, type Settings } from './config.js';
import { ApiKeys } from './core/api-keys/api-keys.js';
import { Authenticator } from './core/api-keys/authenticator.js';
import { AuditTrail } from './core/audit/audit-trail.js';
import { EventTypes } from './core/event-types/event-types.js';
import { Organizations } from './core/organizations/organizations.js';
import { Sources } from './core/sources/sources.js';
import { Explainer } from './core/subscriptions/explainer.js';
import { SubscriptionSecrets } from './core/subscriptions/subscription-secrets.js';
import { Subscriptions } from './core/subscriptions/subscriptions.js';
import { Activations } from './core/tests/activations.js';
import { SubscriptionTests } from './core/tests/subscription-tests.js';
import { ApiKeysController } from './http/api-keys.controller.js';
import { AuditTrailController } from './http/audit-trail.controller.js';
import { ProfilesController } from './http/profiles.controller.js';
import { addDocsRoutes } from './http/docs-routes.js';
import { addEventRoutes } from './http/event-routes.js';
import { EventTypesController } from './http/event-types.controller.js';
import { ExplainController } from './http/explain.controller.js';
import { addApplyRoutes } from './http/apply-routes.js';
import { addIdempotency } from './http/idempotent-requests.js';
import { addLogRoutes } from './http/log-routes.js';
import { OpenApiController, OPEN_API_DOCUMENT } from './http/open-api.controller.js';
import { openApiDocument } from './http/open-api-document.js';
import { OrganizationsController } from './http/organizations.controller.js';
import { PROPAGATION } from './http/propagation.interceptor.js';
import { SourcesController } from './http/sources.controller.js';
import { SubscriptionSecretsController } from './http/subscription-secrets.controller.js';
import { SubscriptionTestsController } from './http/subscription-tests.controller.js';
import { SubscriptionsController } from './http/subscriptions.controller.js';

@Module({})
class ConfigApiModule {
  static of(host: ServiceHost<Settings>, parts: ConfigApiParts): DynamicModule {
    host.batchTransport({
      groupId: `${host.settings.TOPIC_PREFIX}config-api`,
      topics: { [COMMANDS]: [host.topics.commands] },
      commit: 'after-handler',
    });
    return {
      module: ConfigApiModule,
      imports: [
        // Connected, awaited and closed by the parts: an outage at the start must not keep the probes from listening.
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...parts.dataSource.options, manualInitialization: true }),
          dataSourceFactory: () => Promise.resolve(parts.dataSource),
        }),
      ],
      controllers: [
        OrganizationsController,
        ExplainController,
        SubscriptionsController,
        SubscriptionTestsController,
        SubscriptionSecretsController,
        ApiKeysController,
        SourcesController,
        EventTypesController,
        AuditTrailController,
        ProfilesController,
        OpenApiController,
        CommandsController,
      ],
      providers: [
        { provide: Organizations, useValue: parts.organizations },
        { provide: Subscriptions, useValue: parts.subscriptions },
        { provide: SubscriptionSecrets, useValue: parts.subscriptionSecrets },
        { provide: SubscriptionTests, useValue: parts.tests },
        { provide: Activations, useValue: parts.activations },
        { provide: Explainer, useValue: parts.explainer },
        { provide: ApiKeys, useValue: parts.apiKeys },
        { provide: Sources, useValue: parts.sources },
        { provide: AuditTrail, useValue: parts.auditTrail },
        { provide: EventTypes, useValue: parts.eventTypes },
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: CommandHandler, useValue: parts.commands },
        { provide: PROPAGATION, useValue: parts.propagation },
        { provide: OPEN_API_DOCUMENT, useValue: openApiDocument(host.settings.PUBLIC_URL) },
      ],
    };
  }
}

/** config-api as a definition to be run; each call makes a service of its own. */
export function configApi(): ServiceDefinition<typeof settings> {
  let parts: ConfigApiParts | undefined;
  let host: ServiceHost<Settings> | undefined;
  return {
    name: 'config-api',
    settings,
    module: (given) => {
      host = given;
      parts = buildParts(given);
      return ConfigApiModule.of(given, parts);
    },
    http: {
      configure: (server) => {
        if (!host || !parts) throw new Error('the HTTP server was made before its module');
        const { AUDIT_LOG_URL, AUDIT_LOG_TIMEOUT, MAX_EVENT_BYTES } = host.settings;
        addIdempotency(server, { authenticator: parts.authenticator, names: parts.requestNames, logger: host.logger });
        addDocsRoutes(server);
        addApplyRoutes(server, { ...parts, logger: host.logger });
        addEventRoutes(server, { ...parts, maxEventBytes: MAX_EVENT_BYTES, logger: host.logger });
        addLogRoutes(server, { auditLogUrl: AUDIT_LOG_URL, timeoutMs: AUDIT_LOG_TIMEOUT, logger: host.logger });
      },
    },
  };
}
