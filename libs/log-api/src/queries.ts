import { DELIVERY_STATES, isId, type IdPrefix } from '@hookstream/domain';
import { z } from 'zod';
import { decodeCursor } from './cursor.js';

const MAX_TEXT_LENGTH = 65_536;

const text = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_TEXT_LENGTH)
  .refine((given) => !given.includes('\0'), 'must not hold NUL');
const id = (prefix: IdPrefix) =>
  z
    .string()
    .refine((given) => isId(prefix, given), `must be an id that begins with "${prefix}_"`)
    .meta({ examples: [`${prefix}_0f7a2c7d5e2b4a49a4f1f6d7b5e8c9d0`] });
const time = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 date and time, such as 2026-05-18T10:00:00Z' })
  .transform((given) => new Date(given));
const organization = text.meta({ description: 'Id or external id of an organization.', examples: ['org_default'] });

/** A query is read as text; the document tells what the text means. */
function replace(schema: object, meant: object): void {
  for (const name of Object.keys(schema)) if (name !== 'description') Reflect.deleteProperty(schema, name);
  Object.assign(schema, meant);
}

const paging = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().min(1, 'must be at least 1').max(200, 'must be at most 200'))
    .prefault('50')
    .meta({
      description: 'Items of a page, 1 to 200; 50 by default.',
      override: ({ jsonSchema }: { readonly jsonSchema: object }) =>
        replace(jsonSchema, { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
    }),
  cursor: z
    .string()
    .transform((given, context) => {
      const cursor = decodeCursor(given);
      if (cursor) return cursor;
      context.addIssue({ code: 'custom', message: 'must be the nextCursor of an earlier answer', input: given });
      return z.NEVER;
    })
    .optional()
    .meta({ description: '`nextCursor` of the page before.' }),
};

/** One value, or several where the name occurs several times. */
const states = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .pipe(z.array(z.enum(DELIVERY_STATES, `must be one of ${DELIVERY_STATES.join(', ')}`)).max(DELIVERY_STATES.length))
  .optional()
  .meta({
    description: 'May be given several times.',
    override: ({ jsonSchema }: { readonly jsonSchema: object }) =>
      replace(jsonSchema, {
        type: 'array',
        items: { type: 'string', enum: [...DELIVERY_STATES] },
        maxItems: DELIVERY_STATES.length,
      }),
  });

export const deliveriesQuery = z.strictObject({
  organization: organization.optional(),
  subscription: id('sub').optional(),
  state: states,
  event: id('evt').optional(),
  eventType: text.optional(),
  subject: text.optional(),
  createdAfter: time.optional().meta({ description: 'At or after this time.' }),
  createdBefore: time.optional().meta({ description: 'Before this time.' }),
  ...paging,
});

export const eventsQuery = z.strictObject({
  organization: organization.optional(),
  type: text.optional(),
  subject: text.optional(),
  externalId: text.optional().meta({ description: "The producer's own id." }),
  ...paging,
});

export const deadLettersQuery = z.strictObject({
  organization: organization.optional(),
  stage: text.optional(),
  reason: text.optional(),
  ...paging,
});

/** A path parameter. What is no id is the id of nothing. */
export const idParams = z.object({ id: z.string().max(100) });

export type DeliveriesQuery = z.output<typeof deliveriesQuery>;
export type EventsQuery = z.output<typeof eventsQuery>;
export type DeadLettersQuery = z.output<typeof deadLettersQuery>;
export type IdParams = z.output<typeof idParams>;
