import { type SubscriptionSettings, type TestSettings } from '@hookstream/domain';
import { z } from 'zod';

const MAX_BODY_BYTES = 16_384;

/** `test` of a subscription request. */
export const testRequest = z
  .strictObject({
    onActivation: z.boolean().prefault(false).meta({
      description: 'Whether a ping is sent when the subscription becomes active, at its creation too.',
    }),
    body: z
      .record(z.string(), z.unknown())
      .refine((body) => Buffer.byteLength(JSON.stringify(body)) <= MAX_BODY_BYTES, 'must be at most 16 KiB of JSON')
      .nullable()
      .prefault(null)
      .meta({
        description:
          'The data of a ping: a JSON object of at most 16 KiB. Default: `subscription`, `name` and `sentAt`.',
        examples: [{ type: 'ping' }],
      }),
    failureDeactivates: z.boolean().prefault(false).meta({
      description: 'Whether a test that is not delivered deactivates the subscription, with the reason `test-failed`.',
    }),
    whileInactive: z.boolean().prefault(false).meta({
      description: 'Whether it may be tested while it is not active.',
    }),
  })
  .meta({ description: 'How it is tested: see `POST /v1/subscriptions/{id}/test`.' });

/** `POST /v1/subscriptions/{id}/activate`; the body may be left out. */
export const activateRequest = z
  .strictObject({
    pingOnActivation: z
      .boolean()
      .optional()
      .meta({ description: 'Whether a ping is sent if it becomes active by this. Default: `test.onActivation`.' }),
  })
  .meta({ id: 'ActivateRequest' });

/** `test` as it is answered. */
export const testView = z.object({
  onActivation: z.boolean(),
  body: z.record(z.string(), z.unknown()).nullable(),
  failureDeactivates: z.boolean(),
  whileInactive: z.boolean(),
});

/** Left out where all of it is as by default. */
export function testOf({ body, ...flags }: z.output<typeof testRequest>): Pick<SubscriptionSettings, 'test'> {
  if (body === null && !flags.onActivation && !flags.failureDeactivates && !flags.whileInactive) return {};
  return { test: { ...flags, ...(body !== null && { body: JSON.stringify(body) }) } };
}

export function viewTest(test: TestSettings | undefined): z.input<typeof testView> {
  const { onActivation = false, failureDeactivates = false, whileInactive = false } = test ?? {};
  return { onActivation, body: bodyOf(test), failureDeactivates, whileInactive };
}

/** The data is for whoever sends a test: dispatchers have no need to keep it. */
export function withoutTestBody(settings: SubscriptionSettings): SubscriptionSettings {
  if (settings.test?.body === undefined) return settings;
  const { body: _, ...test } = settings.test;
  return { ...settings, test };
}

function bodyOf(test: TestSettings | undefined): Record<string, unknown> | null {
  return test?.body === undefined ? null : z.record(z.string(), z.unknown()).parse(JSON.parse(test.body));
}
