import { HOPS_HEADER, nextHops, type Delivery } from '@hookstream/contracts';
import type { OutboundRequest } from '@hookstream/egress';
import type { SubscriptionInForce } from '@hookstream/engine';
import { renderBatch } from '@hookstream/rendering';
import { renderable, requestWith, type BuiltRequest, type Rendered } from './webhook-request.js';

export type Deliveries = readonly [Delivery, ...Delivery[]];

type BuiltBatch = BuiltRequest | (Extract<BuiltRequest, { ok: false }> & { readonly member: number });

/**
 * One request for several deliveries.
 *
 * @throws Error when a secret cannot be opened
 */
export function buildBatch(
  deliveries: Deliveries,
  subscription: SubscriptionInForce,
  userAgent: string,
  nowMs: number,
): BuiltBatch {
  const { format } = subscription.document.settings.payload;
  if (format !== 'json' && format !== 'cloudevents-structured') throw new Error(`"${format}" has no shape for several`);
  const entries = deliveries.map((delivery) => ({ id: delivery.id, event: renderable(delivery) }));
  const rendered = renderBatch(format, entries);
  if (!rendered.ok) return { ok: false, reason: rendered.reason, detail: rendered.detail, member: rendered.entry };
  return { ok: true, request: batchRequestWith(rendered, deliveries, subscription, userAgent, nowMs) };
}

/**
 * The request around a body: that of its first delivery, without what is said of one event.
 *
 * @throws Error when a secret cannot be opened
 */
export function batchRequestWith(
  rendered: Rendered,
  deliveries: Deliveries,
  subscription: SubscriptionInForce,
  userAgent: string,
  nowMs: number,
): OutboundRequest {
  const [first] = deliveries;
  const request = requestWith(rendered, { delivery: first, event: renderable(first) }, subscription, userAgent, nowMs);
  const { 'hookstream-event-id': _, traceparent: __, ...headers } = request.headers;
  const replayed = deliveries.find(({ run }) => run !== first.run && run !== '0') ?? first;
  return {
    ...request,
    headers: {
      ...headers,
      [HOPS_HEADER]: String(Math.max(...deliveries.map(({ event }) => Number(nextHops(event))))),
      ...(replayed.run !== '0' && { 'hookstream-replay': replayed.run }),
    },
  };
}

/** Of the body that is kept in the log. */
const MAX_TOLD_BYTES = 262_144;
const CONTINUATION = 0b1000_0000;

/** What the log keeps of a body, in whole characters. */
export function toldBody(body: Buffer): { readonly body: Buffer; readonly bodyTruncated?: true } {
  if (body.length <= MAX_TOLD_BYTES) return { body };
  let end = MAX_TOLD_BYTES;
  while (end > MAX_TOLD_BYTES - 4 && ((body[end] ?? 0) & 0b1100_0000) === CONTINUATION) end -= 1;
  return { body: body.subarray(0, end), bodyTruncated: true };
}
