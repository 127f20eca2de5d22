import { formatDuration, type EndpointAuth, type Hydration } from '@hookstream/domain';
import { ENTITY_PLACES, entityKeyProblem, resourceUrlProblem, sampleUrl } from '@hookstream/rendering';
import { z } from 'zod';
import { durationBetween } from '../fields.js';
import { endpointAuth, endpointAuthView, headerSetTwice, viewEndpointAuth } from './endpoint-auth-fields.js';
import { endpointUrlProblem } from './endpoint-rules.js';
import { extraHeaders } from './header-fields.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DEFAULT_TIMEOUT_MS = 3 * SECOND_MS;
const DEFAULT_KEY = '{{event.subject}}';
const places = ENTITY_PLACES.map((place) => `\`{{${place}}}\``).join(', ');

const url = z
  .string()
  .superRefine((text, context) => {
    const problem = resourceUrlProblem(text) ?? endpointUrlProblem(sampleUrl(text));
    if (problem !== undefined) context.addIssue(problem);
  })
  .meta({
    description: `Of the entity's resource, behind the host with places for what the event says: ${places}.`,
    examples: ['https://api.example/invoices/{{event.subject}}'],
  });

const TOPIC = /^[\w.-]{1,249}$/;
const topic = z.string().regex(TOPIC, 'must be the name of a Kafka topic').meta({
  description:
    'A compacted topic whose newest value of `key` is the entity, in place of `url`. Named by platform-wide keys only: it holds the entities of everybody.',
});

const key = z
  .string()
  .min(1)
  .max(1_000)
  .superRefine((text, context) => {
    const problem = entityKeyProblem(text);
    if (problem !== undefined) context.addIssue(problem);
  })
  .meta({ description: `With \`topic\`, with places as in \`url\`. Default: \`${DEFAULT_KEY}\`.` });

const headers = extraHeaders(() => undefined).meta({ description: 'Headers of the GET.' });

const notFound = z.enum(['null', 'dead-letter']).meta({
  description:
    'What becomes of a delivery whose entity is not there, by a 404 or 410: it is sent with `null` in its place, or is a dead letter.',
});

/** Where the entity is read that is sent with the binding `delivery`. */
export const hydrateRequest = z
  .strictObject({
    url: url.optional(),
    topic: topic.optional(),
    key: key.optional(),
    headers: headers.optional(),
    auth: endpointAuth,
    timeout: durationBetween(100, 10 * SECOND_MS)
      .optional()
      .meta({ description: 'Of the GET, 100ms to 10s. Default: 3s.', examples: ['3s'] }),
    cache: durationBetween(0, HOUR_MS)
      .optional()
      .meta({
        description: 'How long an answer serves other attempts, at most 1h. Default: not at all.',
        examples: ['1s'],
      }),
    notFound: notFound.prefault('null'),
  })
  .superRefine(({ headers: given = {}, auth, ...asked }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const name = headerSetTwice(given, auth);
    if (name !== undefined) refuse(['headers', name], 'is set by "auth"');
    if (asked.topic === undefined) {
      if (asked.url === undefined)
        refuse(['url'], 'must be given: where the entity is read, or a "topic" in its place');
      if (asked.key !== undefined) refuse(['key'], 'goes with a "topic" only');
      return;
    }
    const ofUrl = { url: asked.url, timeout: asked.timeout, cache: asked.cache };
    for (const [field, value] of Object.entries(ofUrl)) {
      if (value !== undefined) refuse([field], 'does not go with a "topic"');
    }
    if (Object.keys(given).length > 0) refuse(['headers'], 'does not go with a "topic"');
    if (auth.type !== 'none') refuse(['auth'], 'does not go with a "topic"');
  })
  .meta({
    description: 'Where the entity that an event is about is read at each attempt: by a `url`, or in a `topic`.',
  });

/** As it is answered. */
export const hydrateView = z.object({
  url: z.string().optional(),
  topic: z.string().optional(),
  key: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  auth: endpointAuthView.optional(),
  timeout: z.string().optional(),
  cache: z.string().optional(),
  notFound,
});

type HydrateRequest = z.output<typeof hydrateRequest>;
type HydrateView = z.input<typeof hydrateView>;

/** @param auth sealed, as it is stored */
export function hydrationOf(hydrate: HydrateRequest, auth: EndpointAuth | undefined): Hydration {
  const { notFound: missing } = hydrate;
  if (hydrate.topic !== undefined) return { topic: hydrate.topic, key: hydrate.key ?? DEFAULT_KEY, notFound: missing };
  return {
    url: hydrate.url ?? '',
    headers: hydrate.headers ?? {},
    ...(auth && { auth }),
    timeoutMs: hydrate.timeout ?? DEFAULT_TIMEOUT_MS,
    cacheMs: hydrate.cache ?? 0,
    notFound: missing,
  };
}

export function viewHydration(hydrate: Hydration): HydrateView {
  if ('topic' in hydrate) return { ...hydrate };
  return {
    url: hydrate.url,
    headers: { ...hydrate.headers },
    auth: viewEndpointAuth(hydrate.auth),
    timeout: formatDuration(hydrate.timeoutMs),
    cache: formatDuration(hydrate.cacheMs),
    notFound: hydrate.notFound,
  };
}

const authPatch = z.object({ auth: z.object({ type: z.string() }) });

const sourcePatch = z.union([z.object({ url: z.string() }), z.object({ topic: z.string() })]);

/** What goes with one type of `auth`, or with a `url` or a `topic`, ends with it. */
export function keptHydration(view: HydrateView, patch: unknown): Partial<HydrateView> {
  const source = sourcePatch.safeParse(patch).data;
  if (source && !('topic' in source === 'topic' in view)) return { notFound: view.notFound };
  const asked = authPatch.safeParse(patch).data?.auth.type;
  if (asked === undefined || asked === view.auth?.type) return view;
  const { auth: _, ...others } = view;
  return others;
}
