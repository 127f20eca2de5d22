import type { DeliveryFacts } from './delivery-facts.js';
import { readEventData } from './event-data.js';
import { type InvalidJson, type RenderableEvent } from './renderable-event.js';

/**
 * What a template sees, as JSON text: `event`, the attributes of the event by their CloudEvents names, extensions beside
 * them; `data`: JSON as it is, text as a string, other data as a string in base64, `null` where there is none; and
 * `delivery`, what there is to tell of this attempt. `entity`, where one is given, is JSON text that is put in as it is.
 */
export function templateInput(
  event: RenderableEvent,
  delivery: DeliveryFacts,
  entity?: string,
): { readonly ok: true; readonly text: string } | InvalidJson {
  const data = readEventData(event);
  if (!data.ok) return data;
  const { id, source, type, time, subject, contentType, dataSchema, extensions } = event;
  const attributes = JSON.stringify({
    ...extensions,
    ...{ id, source, type, time, subject },
    datacontenttype: contentType,
    dataschema: dataSchema,
  });
  const beside = entity === undefined ? '' : `,"entity":${entity}`;
  const facts = JSON.stringify(delivery);
  return { ok: true, text: `{"event":${attributes},"delivery":${facts},"data":${jsonOf(data)}${beside}}` };
}

function jsonOf(data: Extract<ReturnType<typeof readEventData>, { ok: true }>): string {
  switch (data.kind) {
    case 'none':
      return 'null';
    case 'json':
      return data.bytes.toString('utf8');
    case 'text':
      return JSON.stringify(data.text);
    case 'binary':
      return JSON.stringify(data.base64);
  }
}
