import { eventTypeProblem } from '@hookstream/domain';
import { z } from 'zod';
import { isCursor } from '../cursor.js';
import { line, organizationReference } from '../fields.js';

const MAX_ID_LENGTH = 1_024;

const givenEvent = z
  .strictObject({
    type: z.string().superRefine((type, context) => {
      const problem = eventTypeProblem(type);
      if (problem) context.addIssue(problem);
    }),
    data: z.unknown().meta({ description: 'Any JSON value.' }),
    id: line(MAX_ID_LENGTH).optional(),
    source: line(MAX_ID_LENGTH).optional().meta({ description: 'Default: the name of the ingress topic.' }),
    time: z.iso.datetime({ offset: true }).optional(),
    subject: line(MAX_ID_LENGTH).optional(),
    extensions: z
      .record(
        z.string().regex(/^[a-z0-9]{1,64}$/, 'must be 1 to 64 lower-case letters and digits'),
        line(MAX_ID_LENGTH),
      )
      .optional(),
  })
  .meta({ description: 'An event that is not sent.' });

/** `POST /v1/subscriptions/explain`. */
export const explainRequest = z
  .strictObject({
    event: givenEvent.optional(),
    eventId: z
      .string()
      .regex(/^evt_[0-9a-f]{32}$/, 'must be the id of an event, evt_…')
      .optional()
      .meta({ description: 'An event of the log.' }),
    organization: organizationReference.optional(),
    limit: z.int().min(1).max(200).prefault(200),
    cursor: z
      .string()
      .refine(isCursor, 'must be the nextCursor of an earlier answer')
      .optional()
      .meta({ description: '`nextCursor` of the answer before.' }),
  })
  .refine(({ event, eventId }) => (event === undefined) !== (eventId === undefined), {
    path: ['event'],
    message: 'give either an event, or the eventId of one in the log',
  })
  .meta({ id: 'ExplainRequest' });

export type ExplainRequest = z.output<typeof explainRequest>;
export type GivenEvent = z.output<typeof givenEvent>;

const explanation = z.object({
  subscription: z.string(),
  name: z.string(),
  active: z.boolean(),
  inactiveReason: z.string().nullable(),
  paused: z.boolean(),
  matches: z
    .boolean()
    .meta({ description: 'Whether types and filters let the event through; an inactive one gets nothing.' }),
  failed: z
    .object({
      pointer: z.string().meta({ description: 'RFC 6901, into the subscription.', examples: ['/filters/0/cel'] }),
      clause: z.string(),
      values: z.record(z.string(), z.unknown()).meta({ description: 'What the event has there; long values are cut.' }),
      error: z.string().optional().meta({ description: 'Why it could not be told.' }),
    })
    .nullable()
    .meta({ description: 'The first clause that kept the event away.' }),
});

export const explainAnswer = z
  .object({ data: z.array(explanation), nextCursor: z.string().nullable() })
  .meta({ id: 'Explanation' });

export type ExplainAnswer = z.input<typeof explainAnswer>;
