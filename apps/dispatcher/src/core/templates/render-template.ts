import type { Delivery } from '@hookstream/contracts';
import type { SubscriptionInForce } from '@hookstream/engine';
import { templateInput, writeValue } from '@hookstream/rendering';
import { digestOf, renderable } from '../webhook-request.js';
import { factsOfDelivery } from './facts-of-delivery.js';
import { runTemplate, type TemplateRun } from './run-template.js';
import type { TemplateRenderer } from './template-renderer.js';

export type RenderedTemplate =
  | TemplateRun
  /** No later attempt could do better. */
  | { readonly kind: 'refused'; readonly reason: 'invalid-json'; readonly detail: string };

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
  const input = templateInput(renderable(delivery), factsOfDelivery(delivery, nowMs), entity);
  if (!input.ok) return { kind: 'refused', reason: input.reason, detail: input.detail };
  return runTemplate(
    () => input.text,
    subscription.document.settings,
    templates,
    (format, json) => writeValue(format, Buffer.from(json), digestOf(subscription, nowMs)),
  );
}
