import type { Delivery } from '@hookstream/contracts';
import type { HttpSender } from '@hookstream/egress';
import type { AttemptMaker, PreparedAttempt, SubscriptionInForce } from '@hookstream/engine';
import { buildRequest } from '../core/webhook-request.js';

/** Attempts as webhooks: signed requests over connections that are checked against the address policy. */
export class WebhookAttempts implements AttemptMaker {
  constructor(
    private readonly sender: Pick<HttpSender, 'sendRequest'>,
    private readonly userAgent: string,
  ) {}

  prepare(delivery: Delivery, subscription: SubscriptionInForce, nowMs: number): PreparedAttempt {
    const built = buildRequest(delivery, subscription, this.userAgent, nowMs);
    if (!built.ok) return built;
    const { request } = built;
    const { url, method, headers } = request;
    const { format } = subscription.document.settings.payload;
    return {
      ok: true,
      request: { url, method, headers, format },
      send: (mayBegin) => this.sender.sendRequest(request, mayBegin),
    };
  }
}
