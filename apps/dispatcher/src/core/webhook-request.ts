import { deliveredExtensions, HOPS_HEADER, nextHops, type Delivery } from '@hookstream/contracts';
import type { OutboundRequest } from '@hookstream/egress';
import type { SubscriptionInForce } from '@hookstream/engine';
import { renderPayload, type RenderableEvent } from '@hookstream/rendering';
import { payloadMd5, signAttempt } from '@hookstream/signing';

/** Every other run is a replay's. */
const FIRST_RUN = '0';

export type BuiltRequest =
  | { readonly ok: true; readonly request: OutboundRequest }
  /** The event's data cannot be put into the format; no later attempt could do better. */
  | { readonly ok: false; readonly reason: 'invalid-json'; readonly detail: string };

/**
 * The request of one attempt: rendered and signed anew by the settings in force.
 *
 * @throws Error when a secret cannot be opened
 */
export function buildRequest(
  delivery: Delivery,
  { document, keys }: SubscriptionInForce,
  userAgent: string,
  nowMs: number,
): BuiltRequest {
  const { endpoint, payload, signing } = document.settings;
  const secrets = signing.scheme === 'none' ? [] : keys(nowMs);
  const md5 = signing.scheme === 'md5' ? (bytes: Buffer) => payloadMd5(bytes, secrets[0]) : undefined;
  const rendered = renderPayload(payload.format, renderable(delivery), md5);
  if (!rendered.ok) return { ok: false, reason: rendered.reason, detail: rendered.detail };

  const { body, contentType } = rendered;
  const headers = {
    ...lowerCased(endpoint.headers),
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
    ok: true,
    request: {
      url: endpoint.url,
      method: endpoint.method,
      headers,
      body,
      timeoutMs: endpoint.timeoutMs,
      ...(endpoint.httpsOnly && { httpsOnly: true }),
    },
  };
}

function renderable({ event, data }: Delivery): RenderableEvent {
  const { id, externalId = id, source, type, time, subject, dataContentType: contentType, dataSchema } = event;
  const extensions = deliveredExtensions(event);
  return { id: externalId, source, type, time, subject, contentType, dataSchema, extensions, data };
}

/** Names in one case, so that a subscription's own header cannot stand beside one of ours. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] ?? '';
  return lower;
}
