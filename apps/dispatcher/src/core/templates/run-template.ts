import { isWrittenFormat, type SubscriptionSettings, type WrittenFormat } from '@hookstream/domain';
import type { Rendered } from '../webhook-request.js';
import type { TemplateRenderer } from './template-renderer.js';

export type TemplateRun =
  | ({ readonly kind: 'rendered' } & Rendered)
  /** No later attempt could do better. */
  | { readonly kind: 'refused'; readonly reason: 'template-failed'; readonly detail: string }
  /** Ours; another attempt may do better. */
  | { readonly kind: 'unavailable'; readonly message: string };

/** How long a rendering may wait for its turn, as a share of the endpoint's timeout. */
const PATIENCE_SHARE = 0.25;
/** With its own time, below the five seconds after which what hangs opens the endpoint's breaker. */
const MAX_PATIENCE_MS = 3_000;

/**
 * The body that a subscription's template gives.
 *
 * @param input JSON text of what the template sees
 * @param write makes the body where the template gives what another format writes
 */
export async function runTemplate(
  input: () => string,
  { payload, endpoint }: Pick<SubscriptionSettings, 'payload' | 'endpoint'>,
  templates: Pick<TemplateRenderer, 'render'>,
  write: (format: WrittenFormat, json: string) => Rendered,
): Promise<TemplateRun> {
  const { template: expression = '', contentType, format } = payload;
  const patienceMs = Math.min(MAX_PATIENCE_MS, endpoint.timeoutMs * PATIENCE_SHARE);
  const rendering = await templates.render({ expression, input }, patienceMs);
  switch (rendering.kind) {
    case 'rendered': {
      const { text, isJson } = rendering;
      if (isWrittenFormat(format)) return { kind: 'rendered', ...write(format, isJson ? text : JSON.stringify(text)) };
      const usual = isJson ? 'application/json' : 'text/plain; charset=utf-8';
      return { kind: 'rendered', body: Buffer.from(text), contentType: contentType ?? usual };
    }
    case 'failed':
      return { kind: 'refused', reason: 'template-failed', detail: rendering.message };
    case 'unavailable':
      return rendering;
  }
}
