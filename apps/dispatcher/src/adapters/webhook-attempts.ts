import { performance } from 'node:perf_hooks';
import { handshakeOrigin, type Delivery } from '@hookstream/contracts';
import type { Hydration } from '@hookstream/domain';
import type { HttpSender, OutboundRequest } from '@hookstream/egress';
import type { AttemptMaker, PreparedAttempt, SubscriptionInForce } from '@hookstream/engine';
import type { AccessTokens } from '../core/access-tokens.js';
import { batchRequestWith, buildBatch, toldBody, type Deliveries } from '../core/batch-request.js';
import { renderBatchTemplate, type RenderedBatch } from '../core/templates/render-batch-template.js';
import { sendAuthorized } from '../core/authorized-request.js';
import { handshakeRequest } from '../core/handshake-request.js';
import { hydratedBody, type HydratedBodyParts } from '../core/hydration/hydrated-body.js';
import { REDACTED } from '../core/masked-secrets.js';
import { OpenedSecrets } from '../core/opened-secrets.js';
import { renderTemplate } from '../core/templates/render-template.js';
import type { TemplateRenderer } from '../core/templates/template-renderer.js';
import { buildRequest, renderable, requestWith } from '../core/webhook-request.js';

export interface WebhookAttemptsParts {
  readonly sender: Pick<HttpSender, 'sendRequest'>;
  readonly tokens: Pick<AccessTokens, 'get' | 'refused'>;
  readonly templates: Pick<TemplateRenderer, 'render'>;
  readonly entities: HydratedBodyParts['entities'];
  /** Of a body that is made of an entity. */
  readonly maxBodyBytes: number;
  readonly userAgent: string;
}

const NONE: readonly Delivery[] = [];

/** Attempts as webhooks: signed requests over connections that are checked against the address policy. */
export class WebhookAttempts implements AttemptMaker {
  private readonly secrets = new OpenedSecrets();

  constructor(private readonly parts: WebhookAttemptsParts) {}

  prepare(
    delivery: Delivery,
    subscription: SubscriptionInForce,
    nowMs: number,
    others: readonly Delivery[] = NONE,
  ): PreparedAttempt | Promise<PreparedAttempt> {
    const { payload } = subscription.document.settings;
    const origin = handshakeOrigin(delivery);
    if (origin !== undefined) return this.prepareHandshake(origin, subscription);
    if (payload.batch) return this.prepareBatch([delivery, ...others], subscription, nowMs);
    // A test carries what it is to be made of.
    if (payload.hydrate && !delivery.test) return this.prepareHydrated(delivery, subscription, payload.hydrate, nowMs);
    if (payload.template !== undefined) return this.prepareTemplate(delivery, subscription, nowMs);
    const built = buildRequest(delivery, subscription, this.parts.userAgent, nowMs);
    if (!built.ok) return built;
    const { url, method, headers } = built.request;
    return this.connecting(built.request, { url, method, headers, format: payload.format }, subscription);
  }

  private prepareHandshake(origin: string, subscription: SubscriptionInForce): PreparedAttempt {
    const { endpoint } = subscription.document.settings;
    const request = handshakeRequest(endpoint, origin, this.parts.userAgent);
    const { url, method, headers, body } = request;
    const tls = endpoint.tls && this.secrets.tls(subscription);
    const outbound = tls ? { ...request, tls } : request;
    return {
      ok: true,
      request: { url, method, headers, body },
      send: (mayBegin) => this.parts.sender.sendRequest(outbound, mayBegin),
    };
  }

  private async prepareTemplate(
    delivery: Delivery,
    subscription: SubscriptionInForce,
    nowMs: number,
  ): Promise<PreparedAttempt> {
    const { settings } = subscription.document;
    const entity = settings.payload.hydrate && delivery.data.toString('utf8');
    const rendered = await renderTemplate(delivery, subscription, nowMs, this.parts.templates, entity);
    const { url, method } = settings.endpoint;
    switch (rendered.kind) {
      case 'refused':
        return { ok: false, reason: rendered.reason, detail: rendered.detail };
      case 'unavailable':
        return {
          ok: true,
          request: { url, method, headers: {}, format: 'template' },
          send: withoutBody(rendered.message),
        };
      case 'rendered': {
        const sent = { delivery, event: renderable(delivery) };
        const request = requestWith(rendered, sent, subscription, this.parts.userAgent, nowMs);
        const { headers, body } = request;
        return this.connecting(request, { url, method, headers, format: 'template', body }, subscription);
      }
    }
  }

  private async prepareHydrated(
    delivery: Delivery,
    subscription: SubscriptionInForce,
    hydrate: Hydration,
    nowMs: number,
  ): Promise<PreparedAttempt> {
    const { payload, endpoint } = subscription.document.settings;
    const { format } = payload;
    const { url, method } = endpoint;
    const startedAtMs = performance.now();
    const made = await hydratedBody(delivery, subscription, hydrate, nowMs, this.parts);
    switch (made.kind) {
      case 'refused':
        return { ok: false, reason: made.reason, detail: made.detail };
      case 'not-yet':
        return { ok: false, notBeforeMs: nowMs + made.againInMs, detail: made.detail };
      case 'unavailable':
        return { ok: true, request: { url, method, headers: {}, format }, send: withoutBody(made.message) };
      case 'rendered': {
        // Signed as of now: to read the entity may have taken seconds.
        const signedAtMs = nowMs + Math.round(performance.now() - startedAtMs);
        const sent = { delivery, event: renderable(delivery) };
        const request = requestWith(made.rendered, sent, subscription, this.parts.userAgent, signedAtMs);
        const { headers, body } = request;
        const prepared = this.connecting(request, { url, method, headers, format, body }, subscription);
        if (!prepared.ok) return prepared;
        return { ...prepared, send: (mayBegin) => prepared.send(mayBegin).finally(made.release) };
      }
    }
  }

  private prepareBatch(
    deliveries: Deliveries,
    subscription: SubscriptionInForce,
    nowMs: number,
  ): PreparedAttempt | Promise<PreparedAttempt> {
    const { template } = subscription.document.settings.payload;
    if (template !== undefined) return this.prepareBatchTemplate(deliveries, subscription, nowMs);
    const built = buildBatch(deliveries, subscription, this.parts.userAgent, nowMs);
    return built.ok ? this.connectingBatch(built.request, subscription) : built;
  }

  private async prepareBatchTemplate(
    deliveries: Deliveries,
    subscription: SubscriptionInForce,
    nowMs: number,
  ): Promise<PreparedAttempt> {
    const { settings } = subscription.document;
    const rendered = await renderBatchTemplate(deliveries, settings, nowMs, this.parts.templates);
    if (rendered.kind !== 'rendered') return withoutRendering(rendered, subscription);
    const request = batchRequestWith(rendered, deliveries, subscription, this.parts.userAgent, nowMs);
    return this.connectingBatch(request, subscription);
  }

  private connectingBatch(request: OutboundRequest, subscription: SubscriptionInForce): PreparedAttempt {
    const { url, method, headers } = request;
    const { format } = subscription.document.settings.payload;
    return this.connecting(request, { url, method, headers, format, ...toldBody(request.body) }, subscription);
  }

  private connecting(
    request: OutboundRequest,
    told: Extract<PreparedAttempt, { ok: true }>['request'],
    subscription: SubscriptionInForce,
  ): PreparedAttempt {
    const tls = subscription.document.settings.endpoint.tls && this.secrets.tls(subscription);
    return this.sending(tls ? { ...request, tls } : request, told, subscription);
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

/** Nothing can be sent, for a reason of ours: an attempt that tells nothing of the endpoint. */
function withoutBody(message: string): Extract<PreparedAttempt, { ok: true }>['send'] {
  return (mayBegin) =>
    Promise.resolve(
      mayBegin()
        ? { kind: 'failure', class: 'template', message, durationMs: 0, notAsked: true }
        : { kind: 'withheld' },
    );
}

function withoutRendering(
  rendered: Exclude<RenderedBatch, { kind: 'rendered' }>,
  { document }: SubscriptionInForce,
): PreparedAttempt {
  switch (rendered.kind) {
    case 'refused': {
      const { reason, detail } = rendered;
      return { ok: false, reason, detail, ...('member' in rendered && { member: rendered.member }) };
    }
    case 'unavailable': {
      const { endpoint, payload } = document.settings;
      const { url, method } = endpoint;
      const request = { url, method, headers: {}, format: payload.format };
      return { ok: true, request, send: withoutBody(rendered.message) };
    }
  }
}
