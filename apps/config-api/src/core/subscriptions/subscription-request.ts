import {
  DEFAULT_CONCURRENCY,
  DEFAULT_JITTER,
  DEFAULT_RETRY_SCHEDULE_MS,
  DEFAULT_TIMEOUT_MS,
  formatDuration,
  MAX_AGE_LIMIT_MS,
  typePatternProblem,
} from '@hookstream/domain';
import { HEADER_PLACES, headerPlaceProblem } from '@hookstream/rendering';
import { z } from 'zod';
import { durationBetween, line, organizationReference, prose, statusList } from '../fields.js';
import { failureRequest } from './failure-fields.js';
import { profileName } from '../profiles/profiles.js';
import { filters } from './filter-fields.js';
import { payloadRequest } from './payload-fields.js';
import { signingRequest } from './signing-fields.js';
import { endpointAuth, headerSetTwice } from './endpoint-auth-fields.js';
import { testRequest } from './test-fields.js';
import { endpointTls, unsafeUrls } from './endpoint-tls-fields.js';
import { endpointUrlProblem } from './endpoint-rules.js';
import { extraHeaders } from './header-fields.js';
import { validationHandshake } from './handshake-fields.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

const eventType = z
  .string()
  .superRefine((pattern, context) => {
    const problem = typePatternProblem(pattern);
    if (problem) context.addIssue(problem);
  })
  .meta({ description: 'A type, or a pattern: `*` is one segment, `**` any number.', examples: ['invoice.*'] });

const url = z
  .string()
  .superRefine((text, context) => {
    const problem = endpointUrlProblem(text);
    if (problem) context.addIssue(problem);
  })
  .meta({ description: 'Absolute, http or https, without credentials and fragment.', format: 'uri' });

const headers = extraHeaders(headerPlaceProblem).meta({
  description: `Headers added to every request. A value may say of the delivery: ${HEADER_PLACES.map((place) => `\`{{${place}}}\``).join(', ')}.`,
});

const endpoint = z
  .strictObject({
    url,
    method: z.enum(['POST', 'PUT', 'PATCH']).prefault('POST'),
    headers: headers.prefault({}),
    timeout: durationBetween(SECOND_MS, 30 * SECOND_MS).prefault(formatDuration(DEFAULT_TIMEOUT_MS)),
    successStatuses: statusList(1).prefault(['2xx']),
    auth: endpointAuth,
    tls: endpointTls,
    httpsOnly: z
      .boolean()
      .prefault(false)
      .meta({ description: 'Whether a URL that starts with "http://" is refused.' }),
    validationHandshake,
  })
  .superRefine((asked, context) => {
    const { headers: given, auth } = asked;
    for (const [path, message] of unsafeUrls(asked)) context.addIssue({ code: 'custom', path, message });
    const name = headerSetTwice(given, auth);
    if (name !== undefined) context.addIssue({ code: 'custom', path: ['headers', name], message: 'is set by "auth"' });
  })
  .meta({ description: 'Where and how requests are sent.' });

const retry = z
  .strictObject({
    schedule: z
      .array(durationBetween(100, 7 * DAY_MS))
      .max(100)
      .prefault(DEFAULT_RETRY_SCHEDULE_MS.map(formatDuration))
      .meta({ description: 'Delays before the second, third, … attempt.' }),
    jitter: z.number().min(0).max(1).prefault(DEFAULT_JITTER).meta({ description: 'Share by which delays vary.' }),
    maxAge: durationBetween(SECOND_MS, MAX_AGE_LIMIT_MS)
      .optional()
      .meta({
        description: 'Default: 1.5 × the sum of the schedule, at least 1h, or 7d with `repeatLast`.',
        examples: ['3d'],
      }),
    nonRetryableStatuses: statusList(0).prefault([]),
    repeatLast: z.boolean().prefault(false).meta({
      description: 'Whether the last delay repeats until a success or `maxAge`, instead of ending with the schedule.',
    }),
  })
  .superRefine(({ schedule, repeatLast }, context) => {
    const last = schedule.at(-1);
    if (!repeatLast || (last !== undefined && last >= SECOND_MS)) return;
    const message = 'must end with a delay of at least 1s for `repeatLast` to repeat';
    context.addIssue({ code: 'custom', path: ['schedule'], message });
  });

const rateLimit = z.strictObject({
  concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .prefault(DEFAULT_CONCURRENCY)
    .meta({ description: 'Most requests under way at once.' }),
  perSecond: z
    .number()
    .min(0.1)
    .max(10_000)
    .nullable()
    .prefault(null)
    .meta({ description: 'Most requests started per second, retries included. Default: not limited.' }),
});

const ordering = z
  .strictObject({
    mode: z
      .enum(['none', 'fifo'])
      .prefault('none')
      .meta({ description: '`fifo`: one delivery at a time of each ordering key, in the order of the log.' }),
    orderingKey: z.enum(['subject', 'partitionkey']).optional().meta({
      description:
        'What tells queues apart: the subject of the event, or its CloudEvents partitionkey, else the key of its record. Default: the whole subscription is one queue.',
    }),
    policy: z.enum(['block', 'skip', 'pause']).optional().meta({
      description:
        'What a delivery that fails does to those behind it: they wait until it is delivered or exhausted (`block`, the default), only for `skipAfter` attempts (`skip`), or, when it is exhausted, until the subscription is resumed (`pause`).',
    }),
    skipAfter: z.int().min(1).max(100).optional().meta({ description: 'Attempts, with the policy `skip`.' }),
  })
  .superRefine(({ mode, skipAfter, ...rest }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (mode === 'none') {
      for (const [field, value] of Object.entries({ ...rest, skipAfter })) {
        if (value !== undefined) refuse(field, 'goes with mode "fifo" only');
      }
      return;
    }
    if (rest.policy === 'skip' && skipAfter === undefined) refuse('skipAfter', 'must be given with policy "skip"');
    if (rest.policy !== 'skip' && skipAfter !== undefined) refuse('skipAfter', 'goes with policy "skip" only');
  })
  .meta({ description: 'Whether deliveries wait for each other.' });

const metadata = z
  .record(line(64), prose(512))
  .refine((given) => Object.keys(given).length <= 50, 'must be at most 50 entries')
  .meta({ description: 'Notes of yours; Hookstream does not read them.' });

/** `POST /v1/subscriptions` and `PUT /v1/subscriptions/{id}`: only `endpoint.url` must be given. */
export const subscriptionRequest = z
  .strictObject({
    name: line(200).optional().meta({ description: 'Default: the host of the endpoint.' }),
    description: prose(2_000).prefault(''),
    organization: organizationReference.optional(),
    active: z
      .boolean()
      .optional()
      .meta({ description: "Default: true, unless the organization's `startInactive` says otherwise." }),
    eventTypes: z.array(eventType).min(1).max(100).prefault(['**']),
    filters: filters.prefault([]),
    endpoint,
    payload: payloadRequest.prefault({}),
    signing: signingRequest.prefault({}),
    retry: retry.prefault({}),
    rateLimit: rateLimit.prefault({}),
    onFailure: failureRequest.prefault({}),
    metadata: metadata.prefault({}),
    profile: profileName.optional(),
    ordering: ordering.prefault({}),
    startInactive: z.boolean().optional().meta({
      description:
        "Whether it begins inactive, where `active` is not given; read when it is made only. Default: the organization's `startInactive`.",
    }),
    test: testRequest.prefault({}),
  })
  .meta({ id: 'SubscriptionRequest' });

export type SubscriptionRequest = z.output<typeof subscriptionRequest>;
