import type { Delivery } from '@hookstream/contracts';
import type { SubscriptionSettings } from '@hookstream/domain';
import { templateInput } from '@hookstream/rendering';
import { renderable, type Rendered } from '../webhook-request.js';
import { factsOfDelivery } from './facts-of-delivery.js';
import type { TemplateRenderer } from './template-renderer.js';

export type RenderedBatch =
  | ({ readonly kind: 'rendered' } & Rendered)
  /** No later attempt could do better; `member` is the one that is to blame, from 0, where it is one. */
  | {
      readonly kind: 'refused';
      readonly reason: 'invalid-json' | 'template-failed';
      readonly detail: string;
      readonly member?: number;
    }
  /** Ours; another attempt may do better. */
  | { readonly kind: 'unavailable'; readonly message: string };

/** How long a rendering may wait for its turn: as long as that of one delivery. */
const PATIENCE_SHARE = 0.25;
const MAX_PATIENCE_MS = 3_000;

/**
 * The body of a request for several deliveries: the template sees `entries`, each as it sees one that comes alone.
 *
 * @param nowMs when the attempt starts
 */
export async function renderBatchTemplate(
  deliveries: readonly Delivery[],
  { payload, endpoint }: Pick<SubscriptionSettings, 'payload' | 'endpoint'>,
  nowMs: number,
  templates: Pick<TemplateRenderer, 'render'>,
): Promise<RenderedBatch> {
  const { template: expression = '', contentType, format } = payload;
  const entries: string[] = [];
  for (const [member, delivery] of deliveries.entries()) {
    const input = templateInput(renderable(delivery), factsOfDelivery(delivery, nowMs));
    if (!input.ok) return { kind: 'refused', reason: input.reason, detail: input.detail, member };
    entries.push(input.text);
  }
  const patienceMs = Math.min(MAX_PATIENCE_MS, endpoint.timeoutMs * PATIENCE_SHARE);
  const job = { expression, input: () => `{"entries":[${entries.join()}]}` };
  const rendering = await templates.render(job, patienceMs);
  switch (rendering.kind) {
    case 'rendered': {
      const { text, isJson } = rendering;
      if (format === 'json') {
        return {
          kind: 'rendered',
          body: Buffer.from(isJson ? text : JSON.stringify(text)),
          contentType: 'application/json',
        };
      }
      const usual = isJson ? 'application/json' : 'text/plain; charset=utf-8';
      return { kind: 'rendered', body: Buffer.from(text), contentType: contentType ?? usual };
    }
    case 'failed':
      return { kind: 'refused', reason: 'template-failed', detail: rendering.message };
    case 'unavailable':
      return rendering;
  }
}
