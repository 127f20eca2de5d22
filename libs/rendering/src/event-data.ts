import { isUtf8 } from 'node:buffer';
import { findJsonFault } from './json-fault.js';
import { dataKindOf } from './media-type.js';
import { type InvalidJson, type RenderableEvent } from './renderable-event.js';

/** An event's data as a format that is not its own can hold it. */
export type EventData =
  | { readonly ok: true; readonly kind: 'none' }
  /** Checked to be well-formed. */
  | { readonly ok: true; readonly kind: 'json'; readonly bytes: Buffer }
  | { readonly ok: true; readonly kind: 'text'; readonly text: string }
  | { readonly ok: true; readonly kind: 'binary'; readonly base64: string }
  | InvalidJson;

/** Text that is not UTF-8 counts as binary, so that no byte is lost. */
export function readEventData({ data, contentType }: Pick<RenderableEvent, 'data' | 'contentType'>): EventData {
  if (data.length === 0) return { ok: true, kind: 'none' };
  const kind = dataKindOf(contentType);
  if (kind === 'json') {
    const fault = findJsonFault(data);
    if (fault === undefined) return { ok: true, kind, bytes: data };
    const { position } = fault;
    return { ok: false, reason: 'invalid-json', detail: `${fault.detail} (byte ${position})`, position };
  }
  if (kind === 'text' && isUtf8(data)) return { ok: true, kind, text: data.toString('utf8') };
  return { ok: true, kind: 'binary', base64: data.toString('base64') };
}
