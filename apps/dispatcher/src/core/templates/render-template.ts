import type { Delivery } from '@hookstream/contracts';
import { isWrittenFormat } from '@hookstream/domain';
import type { SubscriptionInForce } from '@hookstream/engine';
import { templateInput, writeValue } from '@hookstream/rendering';
import { digestOf, renderable, type Rendered } from '../webhook-request.js';
import { factsOfDelivery } from './facts-of-delivery.js';
import type { TemplateRenderer } from './template-renderer.js';

export type RenderedTemplate =
  | ({ readonly kind: 'rendered' } & Rendered)
  /** No later attempt could do better. */
  | { readonly kind: 'refused'; readonly reason: 'invalid-json' | 'template-failed'; readonly detail: string }
  /** Ours; another attempt may do better. */
  | { readonly kind: 'unavailable'; readonly message: string };

/** How long a rendering may wait for its turn, as a share of the endpoint's timeout. */
const PATIENCE_SHARE = 0.25;
/** With its own time, below the five seconds after which what hangs opens the endpoint's breaker. */
const MAX_PATIENCE_MS = 3_000;

/**
 * The body of a request by the subscription's template.
 *
 * @param nowMs when the attempt starts
 * @param entity JSON text of what the event is about
 * @throws Error when a secret cannot be opened
 */
export async function renderTemplate(
  delivery: Delivery,
  subscription: Pick<SubscriptionInForce, 'document' | 'keys'>,
  nowMs: number,
  templates: Pick<TemplateRenderer, 'render'>,
  entity?: string,
): Promise<RenderedTemplate> {
  const { payload, endpoint } = subscription.document.settings;
  const { template: expression = '', contentType, format } = payload;
  const input = templateInput(renderable(delivery), factsOfDelivery(delivery, nowMs), entity);
  if (!input.ok) return { kind: 'refused', reason: input.reason, detail: input.detail };
  const patienceMs = Math.min(MAX_PATIENCE_MS, endpoint.timeoutMs * PATIENCE_SHARE);
  const rendering = await templates.render({ expression, input: () => input.text }, patienceMs);
  switch (rendering.kind) {
    case 'rendered': {
      if (isWrittenFormat(format)) {
        const json = rendering.isJson ? rendering.text : JSON.stringify(rendering.text);
        return { kind: 'rendered', ...writeValue(format, Buffer.from(json), digestOf(subscription, nowMs)) };
      }
      const usual = rendering.isJson ? 'application/json' : 'text/plain; charset=utf-8';
      return { kind: 'rendered', body: Buffer.from(rendering.text), contentType: contentType ?? usual };
    }
    case 'failed':
      return { kind: 'refused', reason: 'template-failed', detail: rendering.message };
    case 'unavailable':
      return rendering;
  }
}
