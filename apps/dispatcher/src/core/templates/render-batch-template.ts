import type { Delivery } from '@hookstream/contracts';
import type { SubscriptionSettings } from '@hookstream/domain';
import { templateInput } from '@hookstream/rendering';
import { renderable } from '../webhook-request.js';
import { factsOfDelivery } from './facts-of-delivery.js';
import { runTemplate, type TemplateRun } from './run-template.js';
import type { TemplateRenderer } from './template-renderer.js';

export type RenderedBatch =
  | TemplateRun
  /** No later attempt could do better; `member` is the one that is to blame, from 0. */
  | { readonly kind: 'refused'; readonly reason: 'invalid-json'; readonly detail: string; readonly member: number };

/**
 * The body of a request for several deliveries: the template sees `entries`, each as it sees one that comes alone.
 *
 * @param nowMs when the attempt starts
 */
export async function renderBatchTemplate(
  deliveries: readonly Delivery[],
  settings: Pick<SubscriptionSettings, 'payload' | 'endpoint'>,
  nowMs: number,
  templates: Pick<TemplateRenderer, 'render'>,
): Promise<RenderedBatch> {
  const entries: string[] = [];
  for (const [member, delivery] of deliveries.entries()) {
    const input = templateInput(renderable(delivery), factsOfDelivery(delivery, nowMs));
    if (!input.ok) return { kind: 'refused', reason: input.reason, detail: input.detail, member };
    entries.push(input.text);
  }
  const input = () => `{"entries":[${entries.join()}]}`;
  // Of the formats that are written, a batch has only this.
  return runTemplate(input, settings, templates, (_format, json) => ({
    body: Buffer.from(json),
    contentType: 'application/json',
  }));
}
