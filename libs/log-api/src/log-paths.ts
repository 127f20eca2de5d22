import { z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { deadLettersQuery, deliveriesQuery, eventsQuery } from './queries.js';
import { deadLetterView, deliveryView, deliveryWithAttemptsView, eventView, replayView } from './views.js';
import { statsQuery, statsView, subscriptionStatsQuery, subscriptionStatsView } from './stats.js';
import { wholeDeadLetterView, wholeEventView } from './views.js';

type Responses = ZodOpenApiOperationObject['responses'];

/** How requests are refused: the same words in all of the document. */
export interface Refusals {
  /** A list. */
  readonly list: Responses;
  /** One thing by its id. */
  readonly one: Responses;
}

interface LogResource {
  readonly path: string;
  readonly tag: string;
  readonly noun: string;
  readonly query: z.ZodObject;
  readonly view: z.ZodType;
  readonly whole: z.ZodType;
  readonly wholeSummary: string;
}

const RESOURCES: readonly LogResource[] = [
  {
    path: '/v1/events',
    tag: 'Events',
    noun: 'event',
    query: eventsQuery,
    view: eventView,
    whole: wholeEventView,
    wholeSummary: 'Read one event with its data, what became of it, and its deliveries',
  },
  {
    path: '/v1/deliveries',
    tag: 'Deliveries',
    noun: 'delivery',
    query: deliveriesQuery,
    view: deliveryView,
    whole: deliveryWithAttemptsView,
    wholeSummary: 'Read one delivery with all of its attempts: what was sent, and what was answered',
  },
  {
    path: '/v1/dead-letters',
    tag: 'Dead letters',
    noun: 'dead letter',
    query: deadLettersQuery,
    view: deadLetterView,
    whole: wholeDeadLetterView,
    wholeSummary: 'Read one dead letter with the record nobody could read',
  },
];

const JSON_TYPE = 'application/json';

/** What audit-log serves, for the document of the whole API: both are made of the schemas that check its requests. */
export function logPaths(refusals: Refusals): ZodOpenApiPathsObject {
  return { ...readPaths(refusals), ...replayPath(refusals), ...statsPaths(refusals) };
}

function readPaths(refusals: Refusals): ZodOpenApiPathsObject {
  return Object.fromEntries(
    RESOURCES.flatMap(({ path, tag, noun, query, view, whole, wholeSummary }) => {
      const page = z.object({ data: z.array(view), nextCursor: z.string().nullable() });
      const list: ZodOpenApiOperationObject = {
        tags: [tag],
        summary: `List, newest first: ${tag.toLowerCase()}`,
        requestParams: { query },
        responses: { '200': answer(page, 'A page.'), ...refusals.list },
      };
      const one: ZodOpenApiOperationObject = {
        tags: [tag],
        summary: wholeSummary,
        requestParams: { path: z.object({ id: z.string() }) },
        responses: { '200': answer(whole, `The ${noun}.`), ...refusals.one },
      };
      return [
        [path, { get: list }],
        [`${path}/{id}`, { get: one }],
      ];
    }),
  );
}

function replayPath(refusals: Refusals): ZodOpenApiPathsObject {
  const key = z.string().max(255).optional().meta({
    description: 'A name of your own for this request: the same one has the delivery sent again once.',
  });
  const replay: ZodOpenApiOperationObject = {
    tags: ['Deliveries'],
    summary: 'Send one delivery again, whatever became of it',
    description:
      'A new run of the same delivery: under its `webhook-id`, with the bytes that were produced, by the settings of now, and with the header `hookstream-replay`. What still waits of an older run is cancelled as `superseded`. 409 where the subscription is inactive or deleted.',
    requestParams: { path: z.object({ id: z.string() }), header: z.object({ 'Idempotency-Key': key }) },
    responses: { '202': answer(replayView, 'The run that has begun.'), ...refusals.one },
  };
  return { '/v1/deliveries/{id}/replay': { post: replay } };
}

function statsPaths(refusals: Refusals): ZodOpenApiPathsObject {
  const overall: ZodOpenApiOperationObject = {
    tags: ['Stats'],
    summary:
      'How the endpoints of an organization do: attempts, success rate, latency, deliveries by state, what waits, and which are failing',
    requestParams: { query: statsQuery },
    responses: { '200': answer(statsView, 'The figures.'), ...refusals.list },
  };
  const one: ZodOpenApiOperationObject = {
    tags: ['Stats'],
    summary: 'How the endpoint of one subscription does, what waits for it, and since when it has been failing',
    requestParams: { path: z.object({ id: z.string() }), query: subscriptionStatsQuery },
    responses: { '200': answer(subscriptionStatsView, 'The figures.'), ...refusals.list, ...refusals.one },
  };
  return { '/v1/stats': { get: overall }, '/v1/stats/subscriptions/{id}': { get: one } };
}

function answer(schema: z.ZodType, description: string) {
  return { description, content: { [JSON_TYPE]: { schema } } };
}
