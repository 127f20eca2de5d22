import { z } from 'zod';
import { eventTypeRequest } from '../event-types/event-type-request.js';
import { line, organizationReference } from '../fields.js';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';

const ofDocument = z.never({ error: 'is told once, at the top of the document' }).optional();

export const appliedSubscription = z
  .strictObject({
    ...subscriptionRequest.shape,
    organization: ofDocument,
    id: z
      .string()
      .max(128)
      .optional()
      .meta({ description: 'Only where several subscriptions have the same name; export gives it then.' }),
    name: line(200).meta({ description: 'Tells which subscription is meant; unique within the document.' }),
    secretFingerprints: z
      .array(z.string())
      .max(10)
      .optional()
      .meta({ description: 'Given by export, not read: a secret stays as it is unless `signing.secret` is given.' }),
  })
  .meta({ id: 'AppliedSubscription' });

export const appliedEventType = eventTypeRequest
  .safeExtend({ organization: ofDocument })
  .meta({ id: 'AppliedEventType' });

/** What `PUT /v1/apply` takes and `GET /v1/export` gives. A list that is left out is left alone. */
export const applyDocument = z
  .strictObject({
    organization: organizationReference.optional(),
    eventTypes: z.array(appliedEventType).max(10_000).optional(),
    subscriptions: z.array(appliedSubscription).max(100_000).optional(),
  })
  .meta({ id: 'Configuration', description: "An organization's event types and subscriptions, whole." });

export type ApplyDocument = z.output<typeof applyDocument>;
export type AppliedSubscription = z.output<typeof appliedSubscription>;
