import { percentEncoded } from './header-value.js';
import type { RenderableEvent } from './renderable-event.js';

/** What a header of a subscription may say of a delivery, by the names of the places that it is put in. */
export interface HeaderFacts {
  readonly event: Pick<RenderableEvent, 'id' | 'type' | 'source' | 'time' | 'subject'>;
  readonly delivery: string;
  readonly subscription: string;
}

const PLACES: Readonly<Record<string, (facts: HeaderFacts) => string>> = {
  'event.id': ({ event }) => event.id,
  'event.type': ({ event }) => event.type,
  'event.group': ({ event }) => groupOf(event.type),
  'event.source': ({ event }) => event.source,
  'event.subject': ({ event }) => event.subject ?? '',
  'event.time': ({ event }) => event.time,
  'delivery.id': ({ delivery }) => delivery,
  'subscription.id': ({ subscription }) => subscription,
};

const OWN_PREFIX = 'hookstream.';

/** The first segment of a type; of our own types (`hookstream.ping`) the first that says something. */
function groupOf(type: string): string {
  const named = type.startsWith(OWN_PREFIX) ? type.slice(OWN_PREFIX.length) : type;
  return named.split('.', 1)[0] ?? '';
}

/** Names of the places, for documents and messages. */
export const HEADER_PLACES: readonly string[] = Object.keys(PLACES);

const OPENING = '{{';
const PLACE = /\{\{(.*?)\}\}/g;

/** What is wrong with the places of a header's value, in words for its author; undefined when nothing is. */
export function headerPlaceProblem(value: string): string | undefined {
  const unknown = [...value.matchAll(PLACE)].map(([, name = '']) => name.trim()).find((name) => !isPlace(name));
  if (unknown !== undefined) {
    return `{{${unknown.slice(0, 64)}}} is nothing that can be put in; there are ${HEADER_PLACES.join(', ')}`;
  }
  return value.replace(PLACE, '').includes(OPENING) ? 'has a "{{" that is not closed by "}}"' : undefined;
}

/**
 * A header's value with its places filled. What is not printable ASCII is percent-encoded, so that no event's text can
 * end a header or begin another. A value without places costs one look.
 */
export function fillHeaderPlaces(value: string, facts: HeaderFacts): string {
  if (!value.includes(OPENING)) return value;
  return value.replace(PLACE, (_, name: string) => percentEncoded(PLACES[name.trim()]?.(facts) ?? ''));
}

function isPlace(name: string): boolean {
  return Object.hasOwn(PLACES, name);
}
