import { envelopeNode } from './envelope-node.js';
import { type JsonNode } from './json-node.js';
import { type RenderableEvent, type RenderedPayload, type RenderResult } from './renderable-event.js';

const CONTENT_TYPE = 'application/x-www-form-urlencoded';

/**
 * The members of the JSON envelope as fields of a form: `type=…&timestamp=…&data[id]=…&data[lines][0]=…`, names as PHP,
 * Rails and `qs` read them. `null` and what is empty is a field without a value.
 */
export function renderForm(event: RenderableEvent): RenderResult {
  const envelope = envelopeNode(event);
  return envelope.ok ? formOfMembers(envelope.members) : envelope;
}

export function formOfMembers(members: readonly (readonly [name: string, value: JsonNode])[]): RenderedPayload {
  const fields = new URLSearchParams();
  for (const [name, value] of members) appendFields(fields, name, value);
  return { ok: true, body: Buffer.from(fields.toString()), contentType: CONTENT_TYPE };
}

function appendFields(fields: URLSearchParams, name: string, node: JsonNode): void {
  switch (node.kind) {
    case 'object':
      if (node.members.length === 0) fields.append(name, '');
      for (const [member, value] of node.members) appendFields(fields, `${name}[${member}]`, value);
      return;
    case 'array':
      if (node.items.length === 0) fields.append(name, '');
      node.items.forEach((item, i) => {
        appendFields(fields, `${name}[${i}]`, item);
      });
      return;
    case 'null':
      fields.append(name, '');
      return;
    case 'string':
    case 'plain':
      fields.append(name, node.text);
  }
}
