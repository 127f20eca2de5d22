import { INTERNAL_OVERHEAD_BYTES, type Delivery } from '@hookstream/contracts';
import type { Hydration } from '@hookstream/domain';
import type { SubscriptionInForce } from '@hookstream/engine';
import type { RenderableEvent } from '@hookstream/rendering';
import { renderTemplate } from '../templates/render-template.js';
import type { TemplateRenderer } from '../templates/template-renderer.js';
import { renderable, renderPlain, type Rendered } from '../webhook-request.js';
import type { EntityReading } from './entity-reading.js';

export type HydratedBody =
  /** `release` is to be called once, when the request is over. */
  | { readonly kind: 'rendered'; readonly rendered: Rendered; readonly release: () => void }
  /** No later attempt could do better. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  /** The template was not rendered, which is ours; the attempt fails. */
  | { readonly kind: 'unavailable'; readonly message: string }
  /** The entity cannot be read now: there is no attempt yet. */
  | { readonly kind: 'not-yet'; readonly detail: string; readonly againInMs: number };

export interface Entities {
  /** @param nowMs milliseconds since the epoch @throws Error when a secret cannot be opened */
  read(
    event: RenderableEvent,
    subscription: SubscriptionInForce,
    hydrate: Hydration,
    nowMs: number,
  ): Promise<EntityReading>;
}

export interface HydratedBodyParts {
  readonly entities: Entities;
  readonly templates: Pick<TemplateRenderer, 'render'>;
  /** A larger body would not fit into the report that keeps it. */
  readonly maxBodyBytes: number;
}

/** Of a body that is made of an entity, at most. */
const MAX_BODY_BYTES = 1_048_576;
/** Of a report beside the body it keeps: the event's attributes, headers, the receiver's answer. */
const REPORT_OVERHEAD_BYTES = 98_304;

/** The largest body that fits into a report, as base64 within it. */
export function maxHydratedBytes(maxEventBytes: number): number {
  const reportBytes = maxEventBytes + INTERNAL_OVERHEAD_BYTES;
  return Math.min(MAX_BODY_BYTES, Math.floor((reportBytes - REPORT_OVERHEAD_BYTES) * 0.75));
}

const NULL = Buffer.from('null');

/**
 * The body of a request made of the entity as it is now: it takes the place of the event's data, or stands beside it in
 * a template.
 *
 * @throws Error when a secret cannot be opened
 */
export async function hydratedBody(
  delivery: Delivery,
  subscription: SubscriptionInForce,
  hydrate: Hydration,
  nowMs: number,
  { entities, templates, maxBodyBytes }: HydratedBodyParts,
): Promise<HydratedBody> {
  const read = await entities.read(renderable(delivery), subscription, hydrate, nowMs);
  switch (read.kind) {
    case 'unavailable':
      return { kind: 'not-yet', detail: read.detail, againInMs: read.againInMs };
    case 'unnamed':
      return { kind: 'refused', reason: 'entity-unnamed', detail: read.detail };
    case 'missing':
      if (hydrate.notFound === 'dead-letter')
        return { kind: 'refused', reason: 'entity-not-found', detail: read.detail };
      return rendering(NULL, () => undefined);
    case 'entity':
      return rendering(read.json, read.release);
  }

  async function rendering(entity: Buffer, release: () => void): Promise<HydratedBody> {
    const body = await renderedWith(entity, delivery, subscription, nowMs, templates).catch((error: unknown) => {
      release();
      throw error;
    });
    if (body.kind !== 'rendered') release();
    if (body.kind === 'rendered' && body.body.length > maxBodyBytes) {
      release();
      const detail = `the payload has ${body.body.length} bytes, more than ${maxBodyBytes}`;
      return { kind: 'refused', reason: 'payload-too-large', detail };
    }
    return body.kind === 'rendered' ? { kind: 'rendered', rendered: body, release } : body;
  }
}

async function renderedWith(
  entity: Buffer,
  delivery: Delivery,
  subscription: SubscriptionInForce,
  nowMs: number,
  templates: Pick<TemplateRenderer, 'render'>,
): Promise<({ readonly kind: 'rendered' } & Rendered) | Extract<HydratedBody, { kind: 'refused' | 'unavailable' }>> {
  const { settings } = subscription.document;
  if (settings.payload.template !== undefined) {
    return renderTemplate(delivery, subscription, nowMs, templates, entity.toString('utf8'));
  }
  const event = { ...renderable(delivery), data: entity, contentType: 'application/json', dataSchema: undefined };
  const plain = renderPlain(event, subscription, nowMs);
  return plain.ok ? { kind: 'rendered', ...plain } : { kind: 'refused', reason: plain.reason, detail: plain.detail };
}
