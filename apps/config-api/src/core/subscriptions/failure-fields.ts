import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_FAILURE_POLICY, formatDuration, type FailurePolicy } from '@hookstream/domain';
import { z } from 'zod';
import { durationBetween } from '../fields.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const LONGEST_MS = 90 * DAY_MS;
const MAX_STEPS = 10;

const span = durationBetween(SECOND_MS, LONGEST_MS);

const steps = z
  .union([span.transform((step) => [step]), z.array(span).max(MAX_STEPS)], {
    error: `must be a duration of 1s to 90d such as "7d", or a list of at most ${MAX_STEPS}`,
  })
  .transform((given) => [...new Set(given)].sort((a, b) => a - b))
  .meta({
    description:
      'After how long without a success, while attempts fail, a warning is sent: one duration or several, once at each. `[]`: never.',
    examples: [['1d', '3d']],
  });

const address = z
  .email('must be an e-mail address')
  .max(254)
  .meta({ examples: ['ops@example.com'] });

/** `onFailure` of a subscription. */
export const failureRequest = z.strictObject({
  deactivateOnGone: z.boolean().prefault(true).meta({ description: 'Whether a 410 deactivates the subscription.' }),
  warnAfter: steps.prefault(DEFAULT_FAILURE_POLICY.warnAfterMs.map(formatDuration)),
  deactivateAfter: span
    .nullable()
    .prefault(null)
    .meta({
      description: 'After how long without a success the subscription is deactivated (`failing`). `null`: never.',
      examples: ['7d'],
    }),
  minAttempts: z.int().min(1).max(1_000).prefault(DEFAULT_FAILURE_POLICY.minAttempts).meta({
    description:
      'Failed attempts there must be without a success between, before anything is warned of or deactivated.',
  }),
  notify: z
    .strictObject({
      emails: z.array(address).max(10).prefault([]).meta({ description: 'Who is told by e-mail.' }),
      events: z.boolean().prefault(DEFAULT_FAILURE_POLICY.notify.events).meta({
        description:
          'Whether events `hookstream.subscription.failing` and `hookstream.subscription.deactivated` are produced, for the subscriptions of the organization that name such types.',
      }),
    })
    .prefault({}),
});

/** How `onFailure` is answered. */
export const failureView = z.object({
  deactivateOnGone: z.boolean(),
  warnAfter: z.array(z.string()).meta({ examples: [['1d', '3d']] }),
  deactivateAfter: z.string().nullable(),
  minAttempts: z.int(),
  notify: z.object({ emails: z.array(z.string()), events: z.boolean() }),
});

/** As it is stored and published: what is as the default says is left out. */
export function failurePolicyOf(request: z.output<typeof failureRequest>): FailurePolicy {
  const { deactivateOnGone, warnAfter, deactivateAfter, minAttempts, notify } = request;
  const { warnAfterMs, ...defaults } = DEFAULT_FAILURE_POLICY;
  return {
    deactivateOnGone,
    ...(!isDeepStrictEqual(warnAfter, warnAfterMs) && { warnAfterMs: warnAfter }),
    ...(deactivateAfter !== null && { deactivateAfterMs: deactivateAfter }),
    ...(minAttempts !== defaults.minAttempts && { minAttempts }),
    ...(!isDeepStrictEqual(notify, defaults.notify) && { notify }),
  };
}

export function viewFailurePolicy(policy: FailurePolicy): z.input<typeof failureView> {
  const { deactivateOnGone, deactivateAfterMs, warnAfterMs, minAttempts, notify } = {
    ...DEFAULT_FAILURE_POLICY,
    ...policy,
  };
  return {
    deactivateOnGone,
    warnAfter: warnAfterMs.map(formatDuration),
    deactivateAfter: deactivateAfterMs === undefined ? null : formatDuration(deactivateAfterMs),
    minAttempts,
    notify: { emails: [...notify.emails], events: notify.events },
  };
}
