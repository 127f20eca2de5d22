import { performance } from 'node:perf_hooks';
import type { Delivery, SubscriptionDocument } from '@hookstream/contracts';
import type { HttpSender, OutboundRequest } from '@hookstream/egress';
import type { AttemptMaker, PreparedAttempt, SubscriptionInForce } from '@hookstream/engine';
import type { AccessTokens } from '../core/access-tokens.js';
import { sendAuthorized } from '../core/authorized-request.js';
import { authorizationOf, type Authorization } from '../core/endpoint-authorization.js';
import { REDACTED } from '../core/masked-secrets.js';
import { buildRequest } from '../core/webhook-request.js';

export interface WebhookAttemptsParts {
  readonly sender: Pick<HttpSender, 'sendRequest'>;
  readonly tokens: AccessTokens;
  readonly userAgent: string;
}

/** Attempts as webhooks: signed requests over connections that are checked against the address policy. */
export class WebhookAttempts implements AttemptMaker {
  /** Opened once for each version of the settings. */
  private readonly authorizations = new WeakMap<SubscriptionDocument, Authorization>();

  constructor(private readonly parts: WebhookAttemptsParts) {}

  prepare(delivery: Delivery, subscription: SubscriptionInForce, nowMs: number): PreparedAttempt {
    const { sender, userAgent } = this.parts;
    const built = buildRequest(delivery, subscription, userAgent, nowMs);
    if (!built.ok) return built;
    const { request } = built;
    const { payload, endpoint } = subscription.document.settings;
    const told = { url: request.url, method: request.method, format: payload.format };
    if (endpoint.auth) return { ok: true, ...this.authorized(request, subscription, told) };
    return {
      ok: true,
      request: { ...told, headers: request.headers },
      send: (mayBegin) => sender.sendRequest(request, mayBegin),
    };
  }

  /** Its secrets are in what is sent, and never in what is told. */
  private authorized(
    request: OutboundRequest,
    subscription: SubscriptionInForce,
    told: Pick<Extract<PreparedAttempt, { ok: true }>['request'], 'url' | 'method' | 'format'>,
  ) {
    const { sender, tokens } = this.parts;
    const authorization = this.authorizationFor(subscription);
    const name = authorization.kind === 'header' ? authorization.header.name : authorization.name;
    const parts = {
      send: (outbound: OutboundRequest, mayBegin: () => boolean) => sender.sendRequest(outbound, mayBegin),
      tokens,
      now: () => performance.now(),
    };
    return {
      request: { ...told, headers: { ...request.headers, [name]: REDACTED } },
      send: (mayBegin: () => boolean) => sendAuthorized(request, authorization, mayBegin, parts),
    };
  }

  /** @throws Error when the secret cannot be opened */
  private authorizationFor(subscription: SubscriptionInForce): Authorization {
    const { document } = subscription;
    const { auth } = document.settings.endpoint;
    if (!auth) throw new Error('asked for the authorization of an endpoint that has none');
    const known = this.authorizations.get(document) ?? authorizationOf(auth, subscription);
    this.authorizations.set(document, known);
    return known;
  }
}
