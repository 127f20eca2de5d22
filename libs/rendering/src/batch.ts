import { type BatchFormat } from '@hookstream/domain';
import { renderCloudEventsStructured } from './cloud-events.js';
import { renderJsonEnvelope } from './json-envelope.js';
import { type InvalidJson, type RenderableEvent, type RenderedPayload } from './renderable-event.js';

interface BatchEntry {
  /** The delivery's: what its `webhook-id` would be if it came alone. */
  readonly id: string;
  readonly event: RenderableEvent;
}

/** `entry`: the one that is to blame, from 0. */
type BatchResult = RenderedPayload | (InvalidJson & { readonly entry: number });

const OPENING = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSING = Buffer.from(']');

/**
 * Several events in one body:
 *
 * - `json`: an array of envelopes, each with the `id` of its delivery before its other members: it is the same whatever it comes
 *   with, so that a receiver recognises one that it has;
 * - `cloudevents-structured`: the JSON batch format of CloudEvents 1.0, for batched content mode (HTTP binding §3.3).
 */
export function renderBatch(format: Exclude<BatchFormat, 'template'>, entries: readonly BatchEntry[]): BatchResult {
  const parts: Buffer[] = [OPENING];
  for (const [index, { id, event }] of entries.entries()) {
    const rendered = format === 'json' ? renderJsonEnvelope(event) : renderCloudEventsStructured(event);
    if (!rendered.ok) return { ...rendered, entry: index };
    if (index > 0) parts.push(COMMA);
    if (format === 'json') parts.push(Buffer.from(`{"id":${JSON.stringify(id)},`), rendered.body.subarray(1));
    else parts.push(rendered.body);
  }
  parts.push(CLOSING);
  return { ok: true, body: Buffer.concat(parts), contentType: CONTENT_TYPES[format] };
}

const CONTENT_TYPES = {
  json: 'application/json',
  'cloudevents-structured': 'application/cloudevents-batch+json; charset=utf-8',
} as const;
