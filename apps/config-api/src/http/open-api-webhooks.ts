import { PAYLOAD_FORMATS, type PayloadFormat } from '@hookstream/domain';
import { z } from 'zod';
import { type ZodOpenApiPathItemObject, type ZodOpenApiPathsObject } from 'zod-openapi';

interface SentFormat {
  readonly summary: string;
  /** By content type; none where the data say it themselves. */
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType; readonly example?: unknown }>>;
  readonly headers?: z.ZodObject;
}

const type = z.string().meta({ examples: ['invoice.submitted'] });
const anyJson = z.unknown().meta({ description: 'Any JSON value: the data as produced.', override: {} });
const base64 = z.string().meta({ description: 'Data that are neither JSON nor text, in base64.' });
const asProduced = z.unknown().meta({ description: 'The data as produced, byte by byte.', override: {} });

const envelope = z
  .looseObject({
    type,
    timestamp: z.string().meta({ format: 'date-time' }),
    data: anyJson.optional(),
    data_base64: base64.optional(),
  })
  .meta({ id: 'WebhookEnvelope', description: 'The envelope of Standard Webhooks.' });

const md5 = z.string().meta({
  description:
    'With the scheme `md5`: of the bytes of the payload as they stand in the body, followed by the secret where there is one.',
  examples: ['d41d8cd98f00b204e9800998ecf8427e'],
});

const md5Envelope = z
  .object({ payload: envelope, md5 })
  .meta({ id: 'WebhookMd5Envelope', description: 'What the scheme `md5` makes of it.' });

const batch = z
  .array(
    envelope.extend({
      id: z.string().meta({ description: 'Of the delivery: the same in every batch that it comes in.' }),
    }),
  )
  .meta({
    id: 'WebhookBatch',
    description: 'With `payload.batch`. `webhook-id` is that of the first entry; a repeat may come with other entries.',
  });

const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1).meta({ description: "The producer's id, or Hookstream's where there was none." }),
    source: z.string().min(1),
    type,
    time: z.string().optional().meta({ format: 'date-time' }),
    subject: z.string().optional(),
    datacontenttype: z.string().optional(),
    dataschema: z.string().optional(),
    data: anyJson.optional(),
    data_base64: base64.optional(),
  })
  .meta({ id: 'WebhookCloudEvent', description: 'A CloudEvent 1.0; extension attributes are strings.' });

const cloudEventHeaders = z.object({
  'ce-specversion': z.literal('1.0'),
  'ce-id': z.string(),
  'ce-source': z.string(),
  'ce-type': z.string(),
  'ce-time': z.string().optional(),
  'ce-subject': z.string().optional(),
  'ce-dataschema': z.string().optional(),
});

const example = {
  type: 'invoice.submitted',
  timestamp: '2026-01-02T03:04:05Z',
  data: { amount: 12.5, lines: [{ sku: 'a b' }], note: null },
};

const FORMATS: Readonly<Record<PayloadFormat, SentFormat>> = {
  json: {
    summary: 'An event as JSON, the default',
    content: { 'application/json': { schema: z.union([envelope, md5Envelope, batch]), example } },
  },
  raw: {
    summary: 'An event as its producer wrote it',
    content: { 'application/json': { schema: asProduced, example: example.data }, '*/*': { schema: asProduced } },
  },
  form: {
    summary: 'An event as a form: a field for every value, named by its path',
    content: {
      'application/x-www-form-urlencoded': {
        schema: z.union([
          z.record(z.string(), z.union([z.string(), z.array(z.string())])).meta({ id: 'WebhookForm' }),
          z
            .object({ payload: z.string(), md5 })
            .meta({ id: 'WebhookMd5Form', description: 'What the scheme `md5` makes of it.' }),
        ]),
        example: { type: example.type, timestamp: example.timestamp, 'data[amount]': '12.5', 'data[note]': '' },
      },
    },
  },
  'form-payload': {
    summary: 'An event as its producer wrote it, in one field of a form',
    content: {
      'application/x-www-form-urlencoded': {
        schema: z.object({ payload: z.string() }).meta({ id: 'WebhookFormPayload' }),
        example: { payload: '{"amount":12.5}' },
      },
    },
  },
  template: {
    summary: 'What the template of the subscription gives',
    content: {
      'application/json': { schema: asProduced, example: { text: 'Invoice 7 was submitted' } },
      '*/*': { schema: asProduced },
    },
  },
  xml: {
    summary: 'An event as XML',
    content: {
      'application/xml; charset=utf-8': {
        schema: z.string().meta({
          description:
            'With the scheme `md5` a `<payload>` holds what is else in `<notification>`, and an `<md5>` follows it.',
        }),
        example:
          '<?xml version="1.0" encoding="UTF-8"?><notification><type>invoice.submitted</type><timestamp>2026-01-02T03:04:05Z</timestamp><data><amount>12.5</amount></data></notification>',
      },
    },
  },
  'cloudevents-binary': {
    summary: 'A CloudEvent in binary mode: its attributes as headers',
    content: { 'application/json': { schema: asProduced, example: example.data }, '*/*': { schema: asProduced } },
    headers: cloudEventHeaders,
  },
  'cloudevents-structured': {
    summary: 'A CloudEvent as JSON',
    content: {
      'application/cloudevents+json; charset=utf-8': {
        schema: cloudEvent,
        example: {
          specversion: '1.0',
          id: 'inv-7',
          source: 'hookstream.events',
          type: example.type,
          time: example.timestamp,
          datacontenttype: 'application/json',
          data: example.data,
        },
      },
      'application/cloudevents-batch+json; charset=utf-8': {
        schema: z.array(cloudEvent).meta({ description: 'With `payload.batch`.' }),
      },
    },
  },
};

const identifying = z.object({
  'webhook-id': z.string().meta({
    description: 'The delivery, the same at every attempt: what was handled under it is handled.',
    examples: ['dlv_3fa1…'],
  }),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since the epoch, of this attempt.' }),
  'webhook-signature': z.string().optional().meta({
    description:
      'With the schemes `standard-webhooks` and `standard-webhooks-v1a`: `v1,` and base64 of the HMAC-SHA256, or `v1a,` and base64 of the ed25519 signature, of `<webhook-id>.<webhook-timestamp>.<body>`; several, with spaces between, while secrets rotate.',
  }),
  'x-hub-signature-256': z.string().optional().meta({
    description: 'With the schemes `github` and `messenger`: `sha256=` and the HMAC-SHA256 of the body in hex.',
  }),
  'x-hub-signature': z
    .string()
    .optional()
    .meta({ description: 'With the schemes `github` and `intercom`: `sha1=` and the HMAC-SHA1 of the body in hex.' }),
  'hookstream-payload-md5': z.string().optional().meta({
    description: 'With the scheme `md5`: what stands as `md5` in the body, once more.',
  }),
  'hookstream-replay': z.string().optional().meta({
    description:
      'Where somebody asked for the delivery once more: the id of that run. The `webhook-id` is the one of before.',
  }),
  'hookstream-event-id': z.string().meta({
    description: 'The event, the same in the deliveries of all subscriptions that want it.',
    examples: ['evt_9c2e…'],
  }),
  'hookstream-hops': z.string().meta({ description: 'Pass it on with events made of this one, and loops end.' }),
  'user-agent': z.string(),
  traceparent: z.string().optional().meta({ description: 'W3C Trace Context, where the event came with one.' }),
});

/** What receivers get, in each format. */
export function webhooks(): ZodOpenApiPathsObject {
  return Object.fromEntries(PAYLOAD_FORMATS.map((format) => [format, { post: sent(format) }]));
}

function sent(format: PayloadFormat): NonNullable<ZodOpenApiPathItemObject['post']> {
  const { summary, content, headers } = FORMATS[format];
  return {
    tags: ['Webhooks'],
    summary,
    description: `What an endpoint gets of a subscription with the \`payload.format\` \`${format}\`; by POST, PUT or PATCH, as \`endpoint.method\` says, with the headers of \`endpoint.headers\`. Answer within \`endpoint.timeout\`, and do the work afterwards.`,
    security: [],
    requestParams: { header: headers ? identifying.extend(headers.shape) : identifying },
    requestBody: { required: true, content },
    responses: {
      '2XX': { description: 'Delivered, unless `endpoint.successStatuses` says otherwise. The body is not read.' },
      '410': {
        description: 'Never again: the subscription is deactivated, unless `onFailure.deactivateOnGone` is false.',
      },
      default: {
        description:
          'Tried again by `retry.schedule`, no earlier than `Retry-After` asks; not where `retry.nonRetryableStatuses` names the status. A redirect is not followed.',
      },
    },
  };
}
