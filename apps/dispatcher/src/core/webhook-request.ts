import { deliveredExtensions, HOPS_HEADER, nextHops, type Delivery } from '@hookstream/contracts';
import type { OutboundRequest } from '@hookstream/egress';
import type { SubscriptionInForce } from '@hookstream/engine';
import {
  fillHeaderPlaces,
  renderPayload,
  type HeaderFacts,
  type PayloadDigest,
  type RenderableEvent,
  type RenderResult,
} from '@hookstream/rendering';
import { payloadMd5, signAttempt } from '@hookstream/signing';

/** Every other run is a replay's. */
const FIRST_RUN = '0';

/** A body that was made already. */
export interface Rendered {
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export type BuiltRequest =
  | { readonly ok: true; readonly request: OutboundRequest }
  /** The event's data cannot be put into the format; no later attempt could do better. */
  | { readonly ok: false; readonly reason: 'invalid-json' | 'template-failed'; readonly detail: string };

/**
 * The request of one attempt: rendered and signed anew by the settings in force.
 *
 * @throws Error when a secret cannot be opened
 */
export function buildRequest(
  delivery: Delivery,
  subscription: SubscriptionInForce,
  userAgent: string,
  nowMs: number,
): BuiltRequest {
  const event = renderable(delivery);
  const rendered = renderPlain(event, subscription, nowMs);
  if (!rendered.ok) return { ok: false, reason: rendered.reason, detail: rendered.detail };
  return { ok: true, request: requestWith(rendered, { delivery, event }, subscription, userAgent, nowMs) };
}

/** The body in a format that is made here. @throws Error when a secret cannot be opened */
export function renderPlain(event: RenderableEvent, subscription: SubscriptionInForce, nowMs: number): RenderResult {
  const { payload } = subscription.document.settings;
  if (payload.format === 'template' || payload.template !== undefined)
    throw new Error('a template is not rendered here');
  return renderPayload(payload.format, event, digestOf(subscription, nowMs));
}

/** What puts an MD5 beside a payload, where the scheme is that. */
export function digestOf(
  { document, keys }: Pick<SubscriptionInForce, 'document' | 'keys'>,
  nowMs: number,
): PayloadDigest | undefined {
  if (document.settings.signing.scheme !== 'md5') return undefined;
  return (bytes) => payloadMd5(bytes, keys(nowMs)[0]);
}

/** The request around a body. @throws Error when a secret cannot be opened */
export function requestWith(
  rendered: Rendered,
  { delivery, event }: { readonly delivery: Delivery; readonly event: RenderableEvent },
  { document, keys }: SubscriptionInForce,
  userAgent: string,
  nowMs: number,
): OutboundRequest {
  const { endpoint, signing } = document.settings;
  const secrets = signing.scheme === 'none' ? [] : keys(nowMs);
  const { body, contentType } = rendered;
  const headers = {
    ...ownHeaders(endpoint.headers, { event, delivery: delivery.id, subscription: delivery.subscription }),
    ...rendered.headers,
    ...(contentType !== undefined && { 'content-type': contentType }),
    'user-agent': userAgent,
    'hookstream-event-id': delivery.event.id,
    [HOPS_HEADER]: nextHops(delivery.event),
    ...signAttempt(signing.scheme, {
      id: delivery.id,
      timestampSeconds: Math.floor(nowMs / 1_000),
      body,
      secrets,
    }),
    ...(delivery.run !== FIRST_RUN && { 'hookstream-replay': delivery.run }),
    ...(delivery.traceparent !== undefined && { traceparent: delivery.traceparent }),
  };
  return {
    url: endpoint.url,
    method: endpoint.method,
    headers,
    body,
    timeoutMs: endpoint.timeoutMs,
    ...(endpoint.httpsOnly && { httpsOnly: true }),
  };
}

export function renderable({ event, data }: Delivery): RenderableEvent {
  const { id, externalId = id, source, type, time, subject, dataContentType: contentType, dataSchema } = event;
  const extensions = deliveredExtensions(event);
  return { id: externalId, source, type, time, subject, contentType, dataSchema, extensions, data };
}

/** Names in one case, so that a subscription's own header cannot stand beside one of ours. */
function ownHeaders(headers: Readonly<Record<string, string>>, facts: HeaderFacts): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name in headers) own[name.toLowerCase()] = fillHeaderPlaces(headers[name] ?? '', facts);
  return own;
}
