import { isUtf8 } from 'node:buffer';
import { toUtc } from './event-time.js';
import { findJsonFault } from './json-fault.js';
import { dataKindOf } from './media-type.js';
import { type RenderableEvent, type RenderResult } from './renderable-event.js';

const CONTENT_TYPE = 'application/json';

/**
 * The payload that Standard Webhooks 1.0 recommends: `{"type":…,"timestamp":…,"data":…}`, the timestamp being the
 * event's time in UTC.
 *
 * - JSON data is checked and put in as it is: numbers keep all their digits, members their order and repeats.
 * - Text is a JSON string.
 * - Other data is `data_base64` in place of `data`, the member's name in the CloudEvents JSON format.
 * - An event without data has `"data":null`, whatever its content type, so that receivers always find the member.
 */
export function renderJsonEnvelope(event: RenderableEvent): RenderResult {
  const { data } = event;
  if (data.length === 0) return envelope(event, 'data', 'null');

  switch (dataKindOf(event.contentType)) {
    case 'json': {
      const fault = findJsonFault(data);
      if (fault === undefined) return envelope(event, 'data', data);
      const { position } = fault;
      return { ok: false, reason: 'invalid-json', detail: `${fault.detail} (byte ${position})`, position };
    }
    case 'text':
      return isUtf8(data) ? envelope(event, 'data', JSON.stringify(data.toString('utf8'))) : base64(event);
    case 'binary':
      return base64(event);
  }
}

const base64 = (event: RenderableEvent): RenderResult =>
  envelope(event, 'data_base64', `"${event.data.toString('base64')}"`);

function envelope(event: RenderableEvent, member: string, value: string | Buffer): RenderResult {
  const head = `{"type":${JSON.stringify(event.type)},"timestamp":"${toUtc(event.time)}","${member}":`;
  const body =
    typeof value === 'string'
      ? Buffer.from(`${head}${value}}`)
      : Buffer.concat([Buffer.from(head), value, Buffer.from('}')]);
  return { ok: true, body, contentType: CONTENT_TYPE };
}
