import { envelopeNode } from './envelope-node.js';
import { type JsonNode } from './json-node.js';
import { type InvalidJson, type RenderableEvent, type RenderedPayload, type RenderResult } from './renderable-event.js';

const CONTENT_TYPE = 'application/xml; charset=utf-8';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
/** A name of XML 1.0 in ASCII, without the colon of namespaces. Names that begin with "xml" are the specification's own. */
const NAME = /^(?!xml)[A-Za-z_][\w.-]*$/i;
/** Control characters, halves of surrogate pairs and two non-characters: an XML 1.0 document holds none, not even escaped. */
const UNFIT = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/u;

/**
 * The members of the JSON envelope as elements of `<notification>`, in their order. For any JSON:
 *
 * - a member is an element of its name; where that is no XML name, `<member name="…">`;
 * - an array holds an `<item>` for each of its items;
 * - strings, numbers and booleans are text as they were written, `null` is an empty element with `nil="true"`;
 * - a text with characters that XML cannot hold is written as a JSON string, its element says `encoding="json"`; a name
 *   likewise, with `name-encoding="json"`.
 */
export function renderXml(event: RenderableEvent): RenderResult {
  const members = xmlMembers(event);
  return members.ok ? xmlDocument(members.text) : members;
}

/** The elements of an event, one after the other. */
export function xmlMembers(event: RenderableEvent): { readonly ok: true; readonly text: string } | InvalidJson {
  const envelope = envelopeNode(event);
  return envelope.ok ? { ok: true, text: xmlOfMembers(envelope.members) } : envelope;
}

export function xmlOfMembers(members: readonly (readonly [name: string, value: JsonNode])[]): string {
  const parts: string[] = [];
  for (const [name, value] of members) write(parts, startOf(name), value);
  return parts.join('');
}

export function xmlDocument(members: string): RenderedPayload {
  const body = Buffer.from(`${DECLARATION}<notification>${members}</notification>`);
  return { ok: true, body, contentType: CONTENT_TYPE };
}

interface Start {
  readonly name: string;
  readonly attributes: string;
}

function startOf(name: string): Start {
  if (NAME.test(name)) return { name, attributes: '' };
  if (!UNFIT.test(name)) return { name: 'member', attributes: ` name="${attribute(name)}"` };
  return { name: 'member', attributes: ` name="${attribute(asciiJson(name))}" name-encoding="json"` };
}

function write(parts: string[], { name, attributes }: Start, node: JsonNode): void {
  switch (node.kind) {
    case 'null':
      parts.push(`<${name}${attributes} nil="true"/>`);
      return;
    case 'plain':
      parts.push(`<${name}${attributes}>${node.text}</${name}>`);
      return;
    case 'string':
      if (UNFIT.test(node.text)) {
        parts.push(`<${name}${attributes} encoding="json">${escaped(asciiJson(node.text))}</${name}>`);
      } else {
        parts.push(`<${name}${attributes}>${escaped(node.text)}</${name}>`);
      }
      return;
    case 'array':
      parts.push(`<${name}${attributes}>`);
      for (const item of node.items) write(parts, { name: 'item', attributes: '' }, item);
      parts.push(`</${name}>`);
      return;
    case 'object':
      parts.push(`<${name}${attributes}>`);
      for (const [member, value] of node.members) write(parts, startOf(member), value);
      parts.push(`</${name}>`);
  }
}

/** A parser would make a line feed of a carriage return. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

/** A parser would make spaces of other white space. */
function attribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}

/** A JSON string of ASCII alone. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
