import type { RenderableEvent } from './renderable-event.js';

/** What an entity is found by. */
type EntityReference =
  | { readonly ok: true; readonly text: string }
  /** The event does not say it; `detail` repeats none of its data. */
  | { readonly ok: false; readonly detail: string };

type Referring = Pick<RenderableEvent, 'id' | 'type' | 'source' | 'time' | 'subject' | 'data'>;

const ATTRIBUTES = ['id', 'type', 'source', 'time', 'subject'] as const;
const DATA_PATH = /^data((?:\.[\w-]{1,64}){1,10})$/;
const PLACE = /\{\{(.*?)\}\}/g;
const UP_TO_PATH = /^https?:\/\/[^/?#{}]+[/?]/i;
const LONE_SURROGATE = /\p{Cs}/u;
const MAX_LENGTH = 2_048;

/** Names of the places, for documents and messages. */
export const ENTITY_PLACES: readonly string[] = [...ATTRIBUTES.map((name) => `event.${name}`), 'data.<path>'];

/** What is wrong with the places of a resource's URL, in words for its author; undefined when nothing is. */
export function resourceUrlProblem(text: string): string | undefined {
  const problem = placesProblem(text);
  if (problem !== undefined) return problem;
  return UP_TO_PATH.test(text) || !text.includes('{{') ? undefined : 'must have its places behind the host';
}

/** As `resourceUrlProblem`, of the key of a topic. */
export function entityKeyProblem(text: string): string | undefined {
  return placesProblem(text);
}

/** The key of the entity that an event is about. */
export function entityKeyOf(text: string, event: Referring): EntityReference {
  const filled = fill(text, event, (value) => value);
  if (!filled.ok || filled.text.length <= MAX_LENGTH) return filled;
  return { ok: false, detail: 'the key of the entity is too long' };
}

/** A URL with its places filled by something, to be judged like any other. */
export function sampleUrl(text: string): string {
  return text.replace(PLACE, 'x');
}

/**
 * The URL of the resource an event is about. What is put in is percent-encoded, and stays within its segment of the path:
 * whoever writes events cannot lead a request elsewhere.
 */
export function resourceUrlOf(text: string, event: Referring): EntityReference {
  const filled = fill(text, event, encodeURIComponent);
  if (!filled.ok) return filled;
  if (filled.text.length > MAX_LENGTH + text.length) return { ok: false, detail: 'the URL of the entity is too long' };
  if (depthOf(filled.text) === depthOf(sampleUrl(text))) return filled;
  return { ok: false, detail: 'the URL of the entity would lead elsewhere' };
}

/** `.` and `..` take segments away, in whatever way they are written. */
function depthOf(url: string): number {
  return new URL(url).pathname.split('/').length;
}

function placesProblem(text: string): string | undefined {
  const unknown = [...text.matchAll(PLACE)].map(([, name = '']) => name.trim()).find((name) => !isPlace(name));
  if (unknown !== undefined) {
    return `{{${unknown.slice(0, 64)}}} is nothing that can be put in; there are ${ENTITY_PLACES.join(', ')}`;
  }
  return text.replace(PLACE, '').includes('{{') ? 'has a "{{" that is not closed by "}}"' : undefined;
}

function isPlace(name: string): boolean {
  return DATA_PATH.test(name) || ATTRIBUTES.some((attribute) => name === `event.${attribute}`);
}

function fill(text: string, event: Referring, encode: (value: string) => string): EntityReference {
  const said = new EventSays(event);
  let missing: string | undefined;
  const filled = text.replace(PLACE, (_, place: string) => {
    const name = place.trim();
    const value = said.of(name);
    if (value === undefined) missing ??= name;
    return value === undefined ? '' : encode(value);
  });
  return missing === undefined
    ? { ok: true, text: filled }
    : { ok: false, detail: `the event has no usable ${missing}` };
}

class EventSays {
  private data: { readonly value: unknown } | undefined;

  constructor(private readonly event: Referring) {}

  /** Undefined where it says nothing of the kind, or what no entity can be found by. */
  of(name: string): string | undefined {
    const attribute = ATTRIBUTES.find((known) => name === `event.${known}`);
    if (attribute !== undefined) return usable(this.event[attribute]);
    this.data ??= { value: jsonOf(this.event.data) };
    let value = this.data.value;
    for (const member of (DATA_PATH.exec(name)?.[1] ?? '').split('.').slice(1)) value = memberOf(value, member);
    return usable(value);
  }
}

/** A number that JavaScript does not hold exactly would name another entity. */
function usable(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' || LONE_SURROGATE.test(value) ? undefined : value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function jsonOf(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}
