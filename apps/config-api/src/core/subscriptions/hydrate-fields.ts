import { formatDuration, type EndpointAuth, type Hydration } from '@hookstream/domain';
import { ENTITY_PLACES, resourceUrlProblem, sampleUrl } from '@hookstream/rendering';
import { z } from 'zod';
import { durationBetween } from '../fields.js';
import { endpointAuth, endpointAuthView, headerSetTwice, viewEndpointAuth } from './endpoint-auth-fields.js';
import { endpointUrlProblem } from './endpoint-rules.js';
import { extraHeaders } from './header-fields.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
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

const headers = extraHeaders(() => undefined).meta({ description: 'Headers of the GET.' });

const notFound = z.enum(['null', 'dead-letter']).meta({
  description:
    'What becomes of a delivery whose entity is not there, by a 404 or 410: it is sent with `null` in its place, or is a dead letter.',
});

/** Where the entity is read that is sent with the binding `delivery`. */
export const hydrateRequest = z
  .strictObject({
    url,
    headers: headers.prefault({}),
    auth: endpointAuth,
    timeout: durationBetween(100, 10 * SECOND_MS)
      .prefault('3s')
      .meta({ description: 'Of the GET, 100ms to 10s.' }),
    cache: durationBetween(0, HOUR_MS)
      .prefault('0ms')
      .meta({ description: 'How long an answer serves other attempts, at most 1h. Default: not at all.' }),
    notFound: notFound.prefault('null'),
  })
  .superRefine(({ headers: given, auth }, context) => {
    const name = headerSetTwice(given, auth);
    if (name !== undefined) context.addIssue({ code: 'custom', path: ['headers', name], message: 'is set by "auth"' });
  })
  .meta({ description: 'Where the entity that an event is about is read at each attempt.' });

/** As it is answered. */
export const hydrateView = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  auth: endpointAuthView,
  timeout: z.string(),
  cache: z.string(),
  notFound,
});

export type HydrateRequest = z.output<typeof hydrateRequest>;

/** @param auth sealed, as it is stored */
export function hydrationOf(hydrate: HydrateRequest, auth: EndpointAuth | undefined): Hydration {
  const { url: resource, headers: given, timeout, cache, notFound: missing } = hydrate;
  return {
    url: resource,
    headers: given,
    ...(auth && { auth }),
    timeoutMs: timeout,
    cacheMs: cache,
    notFound: missing,
  };
}

export function viewHydration({
  url: resource,
  headers: given,
  auth,
  ...rest
}: Hydration): z.input<typeof hydrateView> {
  return {
    url: resource,
    headers: { ...given },
    auth: viewEndpointAuth(auth),
    timeout: formatDuration(rest.timeoutMs),
    cache: formatDuration(rest.cacheMs),
    notFound: rest.notFound,
  };
}

const authPatch = z.object({ auth: z.object({ type: z.string() }) });

/** What goes with one type of `auth` ends with it. */
export function keptHydration(view: z.input<typeof hydrateView>, patch: unknown): Partial<z.input<typeof hydrateView>> {
  const asked = authPatch.safeParse(patch).data?.auth.type;
  if (asked === undefined || asked === view.auth.type) return view;
  const { auth: _, ...others } = view;
  return others;
}
