import { logPaths } from '@hookstream/log-api';
import { z } from 'zod';
import { createDocument, type oas31, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { apiKeyRequest, apiKeyView } from '../core/api-keys/api-keys.js';
import { eventRequest, eventsTaken, eventTaken } from '../core/events/event-request.js';
import { eventTypeRequest } from '../core/event-types/event-type-request.js';
import { eventTypeView, schemaVersionView } from '../core/event-types/event-type-state.js';
import { applyDocument } from '../core/apply/apply-document.js';
import { appliedView } from '../core/apply/apply-view.js';
import { auditEntryView } from '../core/audit/audit-trail.js';
import { organizationRequest, organizationView } from '../core/organizations/organizations.js';
import { profileView } from '../core/profiles/profiles.js';
import { sourceRequest } from '../core/sources/source-request.js';
import { sourceView } from '../core/sources/sources.js';
import { explainAnswer, explainRequest } from '../core/subscriptions/explain-request.js';
import { subscriptionRequest } from '../core/subscriptions/subscription-request.js';
import { subscriptionView } from '../core/subscriptions/subscription-view.js';
import { applyQuery, exportQuery } from './apply-routes.js';
import { auditQuery } from './audit-trail.controller.js';
import { pageQuery, tenantPageQuery } from './config-resource.js';
import { lifecyclePaths } from './lifecycle-paths.js';
import { failed, loopDetected, notFound, withRefusals } from './open-api-refusals.js';
import { webhooks } from './open-api-webhooks.js';
import { secretPaths } from './secret-paths.js';

type Responses = ZodOpenApiOperationObject['responses'];

const JSON_TYPE = 'application/json';
const ifMatch = z.object({
  'If-Match': z.string().optional().meta({ description: 'The `ETag` the change is meant for; else 412.' }),
});
const byId = z.object({ id: z.string() });
const idempotencyKey = z.object({
  'Idempotency-Key': z.string().max(255).optional().meta({
    description:
      'A name of your own for this request. Sent again within 24 hours it is answered as before, with the header `Idempotency-Replayed`, and done once; another request under the name is refused (422).',
  }),
});
const ifMatchAndKey = ifMatch.extend(idempotencyKey.shape);

/** What one kind of configuration is called and looks like. */
interface Resource {
  readonly path: string;
  readonly tag: string;
  readonly noun: string;
  readonly request: z.ZodObject | z.ZodType;
  readonly view: z.ZodType;
  readonly query: z.ZodObject;
  readonly patch: boolean;
}

const RESOURCES: readonly Resource[] = [
  {
    path: '/v1/organizations',
    tag: 'Organizations',
    noun: 'organization',
    request: organizationRequest,
    view: organizationView,
    query: pageQuery,
    patch: true,
  },
  {
    path: '/v1/subscriptions',
    tag: 'Subscriptions',
    noun: 'subscription',
    request: subscriptionRequest,
    view: subscriptionView,
    query: tenantPageQuery,
    patch: true,
  },
  {
    path: '/v1/event-types',
    tag: 'Event types',
    noun: 'event type',
    request: eventTypeRequest,
    view: eventTypeView,
    query: tenantPageQuery,
    patch: true,
  },
  {
    path: '/v1/api-keys',
    tag: 'API keys',
    noun: 'API key',
    request: apiKeyRequest,
    view: apiKeyView,
    query: tenantPageQuery,
    patch: true,
  },
  {
    path: '/v1/sources',
    tag: 'Sources',
    noun: 'source',
    request: sourceRequest,
    view: sourceView,
    query: pageQuery,
    patch: false,
  },
];

/** The OpenAPI 3.1 document of this API, from the schemas that read its requests. */
export function openApiDocument(publicUrl: string): oas31.OpenAPIObject {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Hookstream',
      version: '1',
      description:
        'Delivers events from Kafka topics to HTTP endpoints. The log of deliveries is under the same origin. What receivers get is under "webhooks".',
    },
    servers: [{ url: publicUrl }],
    security: [{ apiKey: [] }],
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'hsk_…' } },
    },
    paths: withRefusals(
      [
        events(),
        ...RESOURCES.map(paths),
        switches(),
        secretPaths({
          ...{ path: byId, ifMatch, ifMatchAndKey },
          responses: { ...answer(subscriptionView, 'The subscription.'), ...failed },
        }),
        lifecyclePaths({
          ...{ path: byId, idempotencyKey, ifMatchAndKey },
          switched: { ...answer(subscriptionView, 'The subscription.'), ...failed },
        }),
        explanations(),
        schemaVersions(),
        auditTrail(),
        profiles(),
        wholeConfiguration(),
      ].reduce(merged, logPaths({ list: failed, one: { ...failed, ...notFound } })),
    ),
    webhooks: webhooks(),
  });
}

/** Of both: the operations of one path may come from two services. */
function merged(all: ZodOpenApiPathsObject, some: ZodOpenApiPathsObject): ZodOpenApiPathsObject {
  const shared = Object.entries(some).map(([path, item]) => [path, { ...all[path], ...item }] as const);
  return { ...all, ...Object.fromEntries(shared) };
}

function paths({ path, tag, noun, request, view, query, patch }: Resource): ZodOpenApiPathsObject {
  const one = (description: string) => ({ ...answer(view, description), ...failed });
  const tags = [tag];
  return {
    [path]: {
      post: {
        tags,
        summary: `Make one ${noun}`,
        requestParams: { header: idempotencyKey },
        requestBody: { required: true, content: { [JSON_TYPE]: { schema: request } } },
        responses: { '201': made(view), ...failed },
      },
      get: {
        tags,
        summary: `List, newest first: ${tag.toLowerCase()}`,
        requestParams: { query },
        responses: {
          ...answer(z.object({ data: z.array(view), nextCursor: z.string().nullable() }), 'A page.'),
          ...failed,
        },
      },
    },
    [`${path}/{id}`]: {
      get: { tags, summary: `Read one ${noun}`, requestParams: { path: byId }, responses: one(`The ${noun}.`) },
      ...(patch && {
        patch: {
          tags,
          summary: `Change one ${noun}`,
          description: 'JSON merge patch (RFC 7396): what is not named stays, `null` brings the default back.',
          requestParams: { path: byId, header: ifMatch },
          requestBody: { required: true, content: { 'application/merge-patch+json': { schema: partialOf(request) } } },
          responses: one(`The ${noun}, changed.`),
        },
      }),
      delete: {
        tags,
        summary: `Delete one ${noun}`,
        requestParams: { path: byId, header: ifMatch },
        responses: { '204': { description: 'Deleted.' }, ...failed },
      },
    },
  };
}

function switches(): ZodOpenApiPathsObject {
  const tags = ['Subscriptions'];
  const requestParams = { path: byId, header: ifMatchAndKey };
  const responses = { ...answer(subscriptionView, 'The subscription.'), ...failed };
  const deactivate = { tags, summary: 'Deactivate; what waits is cancelled', requestParams, responses };
  const pause = { tags, summary: 'Pause; what is to be delivered waits', requestParams, responses };
  const resume = {
    tags,
    summary: 'Resume; what waited is delivered, and the endpoint is asked at once even if it failed before',
    requestParams,
    responses,
  };
  return {
    '/v1/subscriptions/{id}/deactivate': { post: deactivate },
    '/v1/subscriptions/{id}/pause': { post: pause },
    '/v1/subscriptions/{id}/resume': { post: resume },
  };
}

function wholeConfiguration(): ZodOpenApiPathsObject {
  const tags = ['Configuration'];
  return {
    '/v1/apply': {
      put: {
        tags,
        summary: 'Make the configuration of an organization as a document says, all or nothing',
        description:
          'Subscriptions are told apart by their names, event types too. What is as the document says is left alone: no new version, no entry in the audit trail. A list that is left out is left alone. JSON or YAML, at most 32 MiB.',
        requestParams: { query: applyQuery },
        requestBody: {
          required: true,
          content: { [JSON_TYPE]: { schema: applyDocument }, 'application/yaml': { schema: applyDocument } },
        },
        responses: { ...answer(appliedView, 'What was changed, or would be.'), ...failed },
      },
    },
    '/v1/export': {
      get: {
        tags,
        summary: 'The document that, applied, changes nothing',
        requestParams: { query: exportQuery },
        responses: {
          '200': {
            description: 'The configuration, secrets as fingerprints.',
            content: { [JSON_TYPE]: { schema: applyDocument }, 'application/yaml': { schema: applyDocument } },
          },
          ...failed,
        },
      },
    },
  };
}

function auditTrail(): ZodOpenApiPathsObject {
  const page = z.object({ data: z.array(auditEntryView), nextCursor: z.string().nullable() });
  return {
    '/v1/audit-trail': {
      get: {
        tags: ['Audit trail'],
        summary: 'Who changed what, newest first',
        description: 'One entry for each change, kept for 400 days unless the installation says otherwise.',
        requestParams: { query: auditQuery },
        responses: { ...answer(page, 'A page.'), ...failed },
      },
    },
  };
}

function profiles(): ZodOpenApiPathsObject {
  const page = z.object({ data: z.array(profileView), nextCursor: z.null() });
  return {
    '/v1/profiles': {
      get: {
        tags: ['Subscriptions'],
        summary: 'List the profiles and the settings each of them gives a subscription',
        responses: { ...answer(page, 'All of them.'), ...failed },
      },
    },
  };
}

function explanations(): ZodOpenApiPathsObject {
  return {
    '/v1/subscriptions/explain': {
      post: {
        tags: ['Subscriptions'],
        summary: 'Tell which subscriptions want an event, given or of the log, and why the others do not',
        requestBody: { required: true, content: { [JSON_TYPE]: { schema: explainRequest } } },
        responses: {
          '200': { description: 'Every subscription, and why.', content: { [JSON_TYPE]: { schema: explainAnswer } } },
          ...failed,
        },
      },
    },
  };
}

function schemaVersions(): ZodOpenApiPathsObject {
  return {
    '/v1/event-types/{id}/schemas': {
      get: {
        tags: ['Event types'],
        summary: 'The schemas it had, newest first; at most 10 are kept',
        requestParams: { path: byId },
        responses: { ...answer(z.object({ data: z.array(schemaVersionView) }), 'The schemas.'), ...failed },
      },
    },
  };
}

function events(): ZodOpenApiPathsObject {
  const cloudEvent = z.looseObject({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.string(),
    type: z.string(),
  });
  return {
    '/v1/events': {
      post: {
        tags: ['Events'],
        summary: 'Take events',
        description:
          'Answered once Kafka has them. Also takes a CloudEvent in binary mode: attributes as `ce-*` headers, the data as the body.',
        requestParams: { header: idempotencyKey },
        requestBody: {
          required: true,
          content: {
            [JSON_TYPE]: { schema: eventRequest },
            'application/cloudevents+json': { schema: cloudEvent },
            'application/cloudevents-batch+json': { schema: z.array(cloudEvent) },
          },
        },
        responses: {
          '202': {
            description: 'Taken: `id`, or `ids` in the order of a batch.',
            content: { [JSON_TYPE]: { schema: z.union([eventTaken, eventsTaken]) } },
          },
          ...failed,
          ...loopDetected,
        },
      },
    },
  };
}

function answer(schema: z.ZodType, description: string): Responses {
  return { '200': { description, headers: changed, content: { [JSON_TYPE]: { schema } } } };
}

const changed = z.object({
  ETag: z.string().optional(),
  'Hookstream-Ping': z.string().optional().meta({
    description:
      'Of a subscription that became active and is to be pinged then: the delivery of the ping; `not-sent` where Kafka did not take it yet: where the settings want a ping, it is sent when Kafka does.',
  }),
  'Hookstream-Propagation': z
    .literal('pending')
    .optional()
    .meta({ description: 'Stored, but Kafka has not taken it yet; it will be in force once Kafka has.' }),
});

function made(schema: z.ZodType): Responses['201'] {
  return {
    description: 'Made. Secrets are shown here and never again.',
    headers: changed.extend({ Location: z.string() }),
    content: { [JSON_TYPE]: { schema } },
  };
}

function partialOf(request: z.ZodType): z.ZodType {
  return request instanceof z.ZodObject ? z.strictObject(request.shape).partial() : request;
}
