import { DELIVERY_STATES } from '@hookstream/domain';
import { z } from 'zod';

const time = z.iso.datetime();
const headers = z.record(z.string(), z.string());
const base64 = z.string().meta({ description: 'Base64.', contentEncoding: 'base64' });
const body = z.string().nullable().meta({ description: 'As text; in base64 where `bodyEncoding` says so.' });
const bodyEncoding = z.literal('base64').optional();

const delivery = {
  id: z.string().meta({ description: 'Also the `webhook-id` of its requests.', examples: ['dlv_…'] }),
  event: z.object({
    id: z.string(),
    externalId: z.string().nullable().meta({ description: "The producer's own id." }),
    type: z.string(),
    time: z.string(),
    subject: z.string().nullable(),
  }),
  organization: z.string(),
  subscription: z.string(),
  state: z.enum(DELIVERY_STATES),
  reason: z.string().nullable().meta({ description: 'Why it ended so, such as `attempts`, `gone` or `by-user`.' }),
  attempts: z.int().min(0),
  nextAttemptAt: time.nullable(),
  createdAt: time,
  completedAt: time.nullable(),
};

export const deliveryView = z.object(delivery).meta({ id: 'Delivery' });

const attemptView = z
  .object({
    id: z.string(),
    number: z.int().min(1),
    run: z.string().meta({ description: 'The pass through the retry policy it belongs to; `0` is the first.' }),
    startedAt: time,
    durationMs: z.number().min(0),
    outcome: z.string().meta({ description: '`success` or `failure`.' }),
    request: z.object({
      url: z.string(),
      method: z.string(),
      headers: headers.meta({ description: 'Secrets are masked.' }),
      body: body.meta({ description: 'Made again from the event; `null` where the log does not have it any more.' }),
      bodyEncoding,
      bodyTruncated: z
        .literal(true)
        .optional()
        .meta({ description: 'Of a request with several events, only the first 256 KiB are kept.' }),
      batch: z
        .object({
          delivery: z.string().meta({ description: 'The first of them, whose id is the `webhook-id`.' }),
          entry: z.int().min(1).meta({ description: 'Which of them this delivery is.' }),
          entries: z.int().min(1),
        })
        .optional()
        .meta({ description: 'Where several events went in the request.' }),
    }),
    response: z
      .object({
        status: z.int(),
        headers,
        body: z.string().meta({ description: 'Its first 16 KiB.' }),
        bodyEncoding,
        bodyTruncated: z.boolean(),
      })
      .optional(),
    error: z
      .object({ class: z.string().meta({ examples: ['timeout'] }), message: z.string() })
      .optional()
      .meta({ description: 'Why there is no response, or none that could be read.' }),
  })
  .meta({ id: 'Attempt' });

const runView = z.object({
  id: z.string().meta({ description: '`0` for the first, else the id of a replay.', examples: ['rpl_…'] }),
  state: z.enum(DELIVERY_STATES),
  reason: z.string().nullable(),
  startedAt: time,
  completedAt: time.nullable(),
});

/** `POST /v1/deliveries/{id}/replay`. */
export const replayView = z
  .object({ id: z.string(), run: runView.shape.id, state: z.literal('pending') })
  .meta({ id: 'Replay' });

export const deliveryWithAttemptsView = z
  .object({
    ...delivery,
    runs: z.array(runView).meta({
      description:
        'Every pass through the retry policy, the oldest first. The state of the newest is that of the delivery.',
    }),
    attempts: z.array(attemptView),
  })
  .meta({ id: 'DeliveryWithAttempts' });

const event = {
  id: z.string(),
  organization: z.string(),
  type: z.string(),
  source: z.string(),
  subject: z.string().nullable(),
  externalId: z.string().nullable().meta({ description: "The producer's own id." }),
  time: z.string().meta({ description: 'When it happened, as its producer wrote it.' }),
  dataContentType: z.string().nullable(),
  dataSchema: z.string().nullable(),
  extensions: headers.nullable().meta({ description: 'CloudEvents extension attributes.' }),
  origin: z.object({ topic: z.string(), partition: z.int(), offset: z.int() }),
  receivedAt: time,
};

export const eventView = z.object(event).meta({ id: 'Event' });

/** Of an event with everything but its data, which go as their producer wrote them. */
const routedEventView = z.object({
  ...event,
  routed: z.boolean().meta({ description: 'Whether the router has decided about it.' }),
  matched: z.int().min(0).meta({ description: 'Subscriptions that wanted it.' }),
  skipped: z
    .array(z.object({ subscription: z.string(), version: z.int() }))
    .meta({ description: 'Subscriptions that matched and were inactive.' }),
  filterErrors: z.array(z.object({ subscription: z.string(), message: z.string() })),
  deliveries: z.array(deliveryView).meta({ description: 'The newest 100.' }),
});

/** `GET /v1/events/{id}`. */
export const wholeEventView = routedEventView
  .extend({
    data: z.unknown().optional().meta({ description: 'Where they are JSON; `null` where there are none.' }),
    data_base64: base64.optional().meta({ description: 'Where they are not JSON.' }),
  })
  .meta({ id: 'WholeEvent' });

const deadLetter = {
  id: z.string(),
  organization: z.string().nullable().meta({ description: '`null`: nobody could tell; for platform-wide keys only.' }),
  stage: z.string().meta({ examples: ['routing'] }),
  reason: z.string().meta({ examples: ['undecodable'] }),
  detail: z.string(),
  at: time,
  origin: z.object({ topic: z.string(), partition: z.int(), offset: z.int(), timestampMs: z.number() }),
  event: z.string().nullable(),
  delivery: z.string().nullable(),
  subscription: z.string().nullable(),
  valueBytes: z.int().nullable().meta({ description: "Bytes the record's value had." }),
};

export const deadLetterView = z.object(deadLetter).meta({ id: 'DeadLetter' });

export const wholeDeadLetterView = z
  .object({
    ...deadLetter,
    record: z.object({
      key: base64.nullable(),
      headers: z.array(z.object({ name: z.string(), value: base64 })),
      value: base64.nullable(),
      valueTruncated: z.boolean(),
    }),
  })
  .meta({ id: 'WholeDeadLetter', description: 'With the refused record itself, in base64.' });

export type DeliveryView = z.input<typeof deliveryView>;
export type DeliveryWithAttemptsView = z.input<typeof deliveryWithAttemptsView>;
export type AttemptView = z.input<typeof attemptView>;
export type EventView = z.input<typeof eventView>;
export type RoutedEventView = z.input<typeof routedEventView>;
export type DeadLetterView = z.input<typeof deadLetterView>;
export type WholeDeadLetterView = z.input<typeof wholeDeadLetterView>;
