import { readEventData } from './event-data.js';
import { toUtc } from './event-time.js';
import { type JsonNode, readJsonNode } from './json-node.js';
import { type InvalidJson, type RenderableEvent } from './renderable-event.js';

type Members = (readonly [name: string, value: JsonNode])[];

/** The members of the JSON envelope for formats that are not JSON: `type`, `timestamp`, and `data` or `data_base64`. */
export function envelopeNode(event: RenderableEvent): { readonly ok: true; readonly members: Members } | InvalidJson {
  const data = readEventData(event);
  if (!data.ok) return data;
  const members: Members = [
    ['type', { kind: 'string', text: event.type }],
    ['timestamp', { kind: 'string', text: toUtc(event.time) }],
  ];
  if (data.kind === 'none') members.push(['data', { kind: 'null' }]);
  if (data.kind === 'text') members.push(['data', { kind: 'string', text: data.text }]);
  if (data.kind === 'binary') members.push(['data_base64', { kind: 'string', text: data.base64 }]);
  if (data.kind === 'json') members.push(['data', readJsonNode(data.bytes)]);
  return { ok: true, members };
}
