import {
  type EndpointAuth,
  isWrittenFormat,
  PAYLOAD_FORMATS,
  type PayloadFormat,
  type PayloadSettings,
  WRITTEN_FORMATS,
} from '@hookstream/domain';
import { MAX_TEMPLATE_LENGTH, templateProblem } from '@hookstream/rendering';
import { z } from 'zod';
import { batchOf, batchRequest, batchView, viewBatch } from './batch-fields.js';
import { hydrateRequest, hydrateView, hydrationOf, keptHydration, viewHydration } from './hydrate-fields.js';

/** RFC 9110 §8.3.1, as far as anybody writes it. */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}(?:; ?[\w-]{1,32}=[\w.+-]{1,64}){0,4}$/;

const template = z
  .string()
  .max(MAX_TEMPLATE_LENGTH)
  .superRefine((text, context) => {
    const problem = templateProblem(text);
    if (problem) context.addIssue(problem);
  })
  .optional()
  .meta({
    description:
      'JSONata over `event`, `data` and `delivery`, with a `batch` over `entries` that have these, with a binding to the delivery over `entity` too. With the format `template`, a string it gives is sent as it is, all else as JSON; `json`, `form` and `xml` write what it gives in place of type, timestamp and data.',
    examples: ['{ "text": "Invoice " & data.id & " was " & event.type }'],
  });

const contentType = z
  .string()
  .regex(MEDIA_TYPE, 'must be a media type such as "application/json"')
  .optional()
  .meta({ description: 'Of what a template gives. Default: application/json, or text/plain for a string.' });

const binding = z.enum(['event', 'delivery']).meta({
  description:
    'Whether requests carry the data of the event, or the entity that it is about as that is at each attempt: see `hydrate`.',
});

/** What requests carry. */
export const payloadRequest = z
  .strictObject({
    format: z.enum(PAYLOAD_FORMATS, { error: `must be one of ${PAYLOAD_FORMATS.join(', ')}` }).prefault('json'),
    template,
    contentType,
    binding: binding.prefault('event'),
    hydrate: hydrateRequest.optional(),
    batch: batchRequest,
  })
  .superRefine(({ format, ...given }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    const isBound = given.binding === 'delivery';
    if (isBound && !given.hydrate)
      refuse('hydrate', 'must be given with the binding "delivery": it says where the entity is read');
    if (!isBound && given.hydrate) refuse('hydrate', 'goes with the binding "delivery" only');
    if (format === 'template') {
      if (given.template === undefined) refuse('template', 'must be given with the format "template"');
      return;
    }
    if (given.template !== undefined && !isWrittenFormat(format)) {
      refuse(
        'template',
        `goes with the format "template", ${WRITTEN_FORMATS.map((each) => `"${each}"`).join(' or ')} only`,
      );
    }
    if (given.contentType !== undefined) refuse('contentType', 'goes with the format "template" only');
  });

/** As it is answered. */
export const payloadView = z.object({
  format: z.enum(PAYLOAD_FORMATS),
  template,
  contentType,
  binding,
  hydrate: hydrateView.optional(),
  batch: batchView,
});

export type PayloadView = z.input<typeof payloadView>;

/** @param hydrateAuth that of `hydrate`, sealed */
export function payloadOf(
  payload: z.output<typeof payloadRequest>,
  hydrateAuth: EndpointAuth | undefined,
): PayloadSettings {
  return {
    format: payload.format,
    ...(payload.template !== undefined && { template: payload.template }),
    ...(payload.contentType !== undefined && { contentType: payload.contentType }),
    ...batchOf(payload.batch),
    ...(payload.hydrate && { hydrate: hydrationOf(payload.hydrate, hydrateAuth) }),
  };
}

export function viewPayload({ hydrate, batch, ...payload }: PayloadSettings): PayloadView {
  return {
    ...payload,
    binding: hydrate ? 'delivery' : 'event',
    ...(hydrate && { hydrate: viewHydration(hydrate) }),
    batch: viewBatch(batch),
  };
}

const payloadPatch = z.object({
  profile: z.string().optional(),
  payload: z.object({
    format: z.enum(PAYLOAD_FORMATS).nullish(),
    binding: z.string().nullish(),
    hydrate: z.unknown().optional(),
  }),
});

/**
 * What goes with a template, or with a binding, ends with it. A template that is written in a format stays where another is
 * asked for that writes it too, but not where a profile brings its own payload.
 */
export function keptPayload(payload: PayloadView, patch: unknown): object {
  const read = payloadPatch.safeParse(patch).data;
  const asked = read?.payload;
  const { template: _, contentType: __, ...plain } = payload;
  const kept = keepsTemplate(payload.format, asked?.format, read?.profile !== undefined) ? payload : plain;
  const { hydrate, ...unbound } = kept;
  if (!hydrate) return kept;
  if (asked?.binding === null || asked?.binding === 'event') return unbound;
  return { ...unbound, hydrate: keptHydration(hydrate, asked?.hydrate) };
}

function keepsTemplate(format: PayloadFormat, asked: PayloadFormat | null | undefined, byProfile: boolean): boolean {
  if (asked === undefined) return true;
  if (asked === null || byProfile) return false;
  return asked === format || asked === 'template' || (isWrittenFormat(format) && isWrittenFormat(asked));
}
