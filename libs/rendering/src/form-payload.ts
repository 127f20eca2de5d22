import { readEventData } from './event-data.js';
import { type RenderableEvent, type RenderResult } from './renderable-event.js';

const CONTENT_TYPE = 'application/x-www-form-urlencoded';

/**
 * The data as produced in one field of a form, `payload=…`, as GitHub sends it: JSON and text unchanged, other data in
 * base64, `null` for an event without data.
 */
export function renderFormPayload(event: RenderableEvent): RenderResult {
  const data = readEventData(event);
  if (!data.ok) return data;
  const body = Buffer.from(new URLSearchParams({ payload: textOf(data) }).toString());
  return { ok: true, body, contentType: CONTENT_TYPE };
}

function textOf(data: Extract<ReturnType<typeof readEventData>, { ok: true }>): string {
  switch (data.kind) {
    case 'none':
      return 'null';
    case 'json':
      return data.bytes.toString('utf8');
    case 'text':
      return data.text;
    case 'binary':
      return data.base64;
  }
}
