import type { EndpointSettings } from '@hookstream/domain';
import type { OutboundRequest } from '@hookstream/egress';

const NOTHING = Buffer.alloc(0);

/**
 * Asks an endpoint whether an origin may send it deliveries: "HTTP 1.1 Web Hooks for Event Delivery" of CloudEvents, §4.1.
 * Whoever is there has not agreed to anything yet, so it is shown neither credentials nor headers of the subscription.
 */
export function handshakeRequest(endpoint: EndpointSettings, origin: string, userAgent: string): OutboundRequest {
  return {
    url: endpoint.url,
    method: 'OPTIONS',
    headers: { 'webhook-request-origin': origin, 'user-agent': userAgent },
    body: NOTHING,
    timeoutMs: endpoint.timeoutMs,
    ...(endpoint.httpsOnly && { httpsOnly: true }),
  };
}
