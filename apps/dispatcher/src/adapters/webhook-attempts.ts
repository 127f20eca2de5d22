import { performance } from 'node:perf_hooks';
import type { Delivery } from '@hookstream/contracts';
import type { HttpSender, OutboundRequest } from '@hookstream/egress';
import type { AttemptMaker, PreparedAttempt, SubscriptionInForce } from '@hookstream/engine';
import type { AccessTokens } from '../core/access-tokens.js';
import { sendAuthorized } from '../core/authorized-request.js';
import { REDACTED } from '../core/masked-secrets.js';
import { OpenedSecrets } from '../core/opened-secrets.js';
import { buildRequest } from '../core/webhook-request.js';

export interface WebhookAttemptsParts {
  readonly sender: Pick<HttpSender, 'sendRequest'>;
  readonly tokens: AccessTokens;
  readonly userAgent: string;
}

/** Attempts as webhooks: signed requests over connections that are checked against the address policy. */
export class WebhookAttempts implements AttemptMaker {
  private readonly secrets = new OpenedSecrets();

  constructor(private readonly parts: WebhookAttemptsParts) {}

  prepare(delivery: Delivery, subscription: SubscriptionInForce, nowMs: number): PreparedAttempt {
    const built = buildRequest(delivery, subscription, this.parts.userAgent, nowMs);
    if (!built.ok) return built;
    const { url, method, headers } = built.request;
    const { payload, endpoint } = subscription.document.settings;
    const told = { url, method, headers, format: payload.format };
    const tls = endpoint.tls && this.secrets.tls(subscription);
    return this.sending(tls ? { ...built.request, tls } : built.request, told, subscription);
  }

  /** Its secrets are in what is sent, and never in what is told. */
  private sending(
    request: OutboundRequest,
    told: Extract<PreparedAttempt, { ok: true }>['request'],
    subscription: SubscriptionInForce,
  ): PreparedAttempt {
    const { sender, tokens } = this.parts;
    const authorization = this.secrets.authorization(subscription);
    if (!authorization) {
      return { ok: true, request: told, send: (mayBegin) => sender.sendRequest(request, mayBegin) };
    }
    const name = authorization.kind === 'header' ? authorization.header.name : authorization.name;
    const parts = {
      send: (outbound: OutboundRequest, mayBegin: () => boolean) => sender.sendRequest(outbound, mayBegin),
      tokens,
      now: () => performance.now(),
    };
    return {
      ok: true,
      request: { ...told, headers: { ...told.headers, [name]: REDACTED } },
      send: (mayBegin) => sendAuthorized(request, authorization, mayBegin, parts),
    };
  }
}
