import { eventTypeProblem } from '@hookstream/domain';
import { z } from 'zod';
import { line, organizationReference } from '../fields.js';

const MAX_ID_LENGTH = 1_024;

/** `POST /v1/events` in its plain form. `data` goes on as the bytes it was written as. */
export const eventRequest = z
  .strictObject({
    type: z
      .string()
      .superRefine((type, context) => {
        const problem = eventTypeProblem(type);
        if (problem) context.addIssue(problem);
      })
      .meta({ examples: ['invoice.submitted'] }),
    data: z.unknown().meta({ description: 'Any JSON value.' }),
    id: line(MAX_ID_LENGTH)
      .optional()
      .meta({ description: 'Your own id of it: the same again is the same event. Generated when none is given.' }),
    time: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When it happened, RFC 3339. Default: now.' }),
    subject: line(MAX_ID_LENGTH)
      .optional()
      .meta({ description: 'What it is about; events of one subject stay in order.' }),
    organization: organizationReference.optional(),
  })
  .meta({ id: 'EventRequest' });

export const eventTaken = z
  .object({ id: z.string().meta({ description: 'The id under which the log knows the event.' }) })
  .meta({ id: 'EventTaken' });

export const eventsTaken = z.object({ ids: z.array(z.string()) }).meta({ id: 'EventsTaken' });
