import { PAYLOAD_FORMATS, type PayloadSettings } from '@hookstream/domain';
import { MAX_TEMPLATE_LENGTH, templateProblem } from '@hookstream/rendering';
import { z } from 'zod';
import { notAvailableYet } from '../fields.js';

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
      'With the format `template`: JSONata over `event`, `data` and `delivery`. A string is sent as it is, all else as JSON.',
    examples: ['{ "text": "Invoice " & data.id & " was " & event.type }'],
  });

const contentType = z
  .string()
  .regex(MEDIA_TYPE, 'must be a media type such as "application/json"')
  .optional()
  .meta({ description: 'Of what a template gives. Default: application/json, or text/plain for a string.' });

/** What requests carry. */
export const payloadRequest = z
  .strictObject({
    format: z.enum(PAYLOAD_FORMATS, { error: `must be one of ${PAYLOAD_FORMATS.join(', ')}` }).prefault('json'),
    template,
    contentType,
    binding: notAvailableYet(),
    hydrate: notAvailableYet(),
    batch: notAvailableYet(),
  })
  .superRefine(({ format, ...given }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (format === 'template') {
      if (given.template === undefined) refuse('template', 'must be given with the format "template"');
      return;
    }
    if (given.template !== undefined) refuse('template', 'goes with the format "template" only');
    if (given.contentType !== undefined) refuse('contentType', 'goes with the format "template" only');
  });

/** As it is answered. */
export const payloadView = z.object({ format: z.enum(PAYLOAD_FORMATS), template, contentType });

export function payloadOf(payload: z.output<typeof payloadRequest>): PayloadSettings {
  return {
    format: payload.format,
    ...(payload.template !== undefined && { template: payload.template }),
    ...(payload.contentType !== undefined && { contentType: payload.contentType }),
  };
}

const payloadPatch = z.object({ payload: z.object({ format: z.string() }) });

/** What goes with a template ends with it. */
export function keptPayload(payload: PayloadSettings, patch: unknown): PayloadSettings {
  const asked = payloadPatch.safeParse(patch).data?.payload.format;
  return asked === undefined || asked === 'template' ? payload : { format: payload.format };
}
