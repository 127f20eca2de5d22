import { readEventData } from './event-data.js';
import { toUtc } from './event-time.js';
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
  const head = `{"type":${JSON.stringify(event.type)},"timestamp":"${toUtc(event.time)}"`;
  const data = readEventData(event);
  if (!data.ok) return data;
  if (data.kind === 'none') return json(`${head},"data":null}`);
  if (data.kind === 'text') return json(`${head},"data":${JSON.stringify(data.text)}}`);
  if (data.kind === 'binary') return json(`${head},"data_base64":"${data.base64}"}`);
  const body = Buffer.concat([Buffer.from(`${head},"data":`), data.bytes, Buffer.from('}')]);
  return { ok: true, body, contentType: CONTENT_TYPE };
}

function json(text: string): RenderResult {
  return { ok: true, body: Buffer.from(text), contentType: CONTENT_TYPE };
}
