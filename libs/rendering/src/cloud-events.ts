import { readEventData } from './event-data.js';
import { percentEncoded } from './header-value.js';
import { type RenderableEvent, type RenderResult } from './renderable-event.js';

const STRUCTURED = 'application/cloudevents+json; charset=utf-8';
const HEADER_PREFIX = 'ce-';
const JSON_TYPE = 'application/json';

/**
 * CloudEvents 1.0 over HTTP, binary mode: the data as produced, the attributes as headers `ce-…`. Data without a content
 * type is JSON, as everywhere here, and says so.
 */
export function renderCloudEventsBinary(event: RenderableEvent): RenderResult {
  const headers: Record<string, string> = {};
  for (const [name, value] of attributesOf(event)) headers[HEADER_PREFIX + name] = percentEncoded(value);
  const { data, contentType = JSON_TYPE } = event;
  return { ok: true, body: data, contentType: data.length === 0 ? event.contentType : contentType, headers };
}

/** CloudEvents 1.0 over HTTP, structured mode in the JSON format. JSON data is put in as it is. */
export function renderCloudEventsStructured(event: RenderableEvent): RenderResult {
  const data = readEventData(event);
  if (!data.ok) return data;
  const attributes = attributesOf(event);
  if (event.contentType !== undefined) attributes.push(['datacontenttype', event.contentType]);
  const members = attributes.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const head = `{${members.join(',')}`;
  if (data.kind === 'none') return structured(Buffer.from(`${head}}`));
  if (data.kind === 'text') return structured(Buffer.from(`${head},"data":${JSON.stringify(data.text)}}`));
  if (data.kind === 'binary') return structured(Buffer.from(`${head},"data_base64":"${data.base64}"}`));
  return structured(Buffer.concat([Buffer.from(`${head},"data":`), data.bytes, Buffer.from('}')]));
}

/** All but the data's content type, which each mode says in a place of its own. */
function attributesOf({ id, source, type, time, subject, dataSchema, extensions = {} }: RenderableEvent) {
  const attributes: [name: string, value: string][] = [
    ['specversion', '1.0'],
    ['id', id],
    ['source', source],
    ['type', type],
    ['time', time],
  ];
  if (subject !== undefined) attributes.push(['subject', subject]);
  if (dataSchema !== undefined) attributes.push(['dataschema', dataSchema]);
  // Sorted: the log keeps them in no order, and makes the same bytes again.
  for (const name of Object.keys(extensions).sort()) attributes.push([name, extensions[name] ?? '']);
  return attributes;
}

function structured(body: Buffer): RenderResult {
  return { ok: true, body, contentType: STRUCTURED };
}
