import {
  type EndpointSettings,
  type HandshakeAgreement,
  type SubscriptionSettings,
  type ValidationHandshake,
} from '@hookstream/domain';
import { z } from 'zod';

/** `endpoint.validationHandshake` of a subscription request. */
export const validationHandshake = z.boolean().prefault(false).meta({
  description:
    'Whether the endpoint is asked for its leave before the subscription becomes active: an OPTIONS request with `WebHook-Request-Origin` (CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery"), made by `POST /v1/subscriptions/{id}/activate` only. Until that URL has agreed, the subscription is not active (`handshake-required`), whatever `active` says.',
});

/** Who has agreed, as it is answered. */
export const handshakeView = z.object({ url: z.string(), perSecond: z.number().nullable() }).nullable().meta({
  description:
    'With `endpoint.validationHandshake`: the URL that has agreed, and the requests per second it allows (`null`: any). Where that is less than `rateLimit.perSecond`, it is what counts.',
});

export function viewHandshake({ endpoint }: SubscriptionSettings): z.input<typeof handshakeView> {
  const agreed = endpoint.handshake?.agreed;
  return agreed ? { url: agreed.url, perSecond: agreed.perSecond ?? null } : null;
}

/** @param former of the settings before: it holds as long as the URL stays */
export function handshakeOf(
  { url, validationHandshake: isAsked }: { readonly url: string; readonly validationHandshake: boolean },
  former: ValidationHandshake | undefined,
): Pick<EndpointSettings, 'handshake'> {
  if (!isAsked) return {};
  return { handshake: former?.agreed?.url === url ? former : {} };
}

/** Whether the endpoint has to agree before anything may be delivered. */
export function lacksHandshake({ endpoint }: SubscriptionSettings): boolean {
  return endpoint.handshake !== undefined && endpoint.handshake.agreed === undefined;
}

export function withAgreement(settings: SubscriptionSettings, agreed: HandshakeAgreement): SubscriptionSettings {
  return { ...settings, endpoint: { ...settings.endpoint, handshake: { agreed } } };
}

/** What dispatchers keep to: no more than the endpoint allows. */
export function withAllowedRate(settings: SubscriptionSettings): SubscriptionSettings {
  const allowed = settings.endpoint.handshake?.agreed?.perSecond;
  if (allowed === undefined) return settings;
  const perSecond = Math.min(allowed, settings.rateLimit.perSecond ?? Infinity);
  return { ...settings, rateLimit: { ...settings.rateLimit, perSecond } };
}
