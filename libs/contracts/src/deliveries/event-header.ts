import { z } from 'zod';
import type { EventAttributes } from '@hookstream/domain';
import { idOf } from '../ids.js';
import { parseJson } from '../json-header.js';
import { leftOut, texts } from '../lean-schemas.js';

export const EVENT_HEADER = 'event';
export const TRACEPARENT_HEADER = 'traceparent';

const originSchema = z.object({ topic: z.string(), partition: z.number(), offset: z.number() });

export const eventAttributesSchema = z.object({
  id: idOf('evt'),
  externalId: leftOut(z.string()),
  organization: idOf('org'),
  type: z.string(),
  source: z.string(),
  time: z.string(),
  subject: leftOut(z.string()),
  dataContentType: leftOut(z.string()),
  dataSchema: leftOut(z.string()),
  extensions: leftOut(texts),
  origin: originSchema,
}) satisfies z.ZodType<EventAttributes>;

/** The `event` header: written once by the router, then passed on byte for byte. */
export function encodeEventAttributes(attributes: EventAttributes): Buffer {
  return Buffer.from(JSON.stringify(attributes));
}

export function decodeEventAttributes(bytes: Buffer): EventAttributes {
  return parseJson(eventAttributesSchema, bytes, `header "${EVENT_HEADER}"`);
}
