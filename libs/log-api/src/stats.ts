import { parseDuration } from '@hookstream/domain';
import { z } from 'zod';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
const time = z.iso.datetime();

export const statsQuery = z.strictObject({
  organization: z
    .string()
    .min(1, 'must not be empty')
    .max(128)
    .optional()
    .meta({ description: 'Id or external id of an organization.', examples: ['org_default'] }),
  window: z
    .string()
    .transform((given, context) => {
      const milliseconds = parseDuration(given);
      if (milliseconds !== undefined && milliseconds >= HOUR_MS && milliseconds <= WEEK_MS) return milliseconds;
      context.addIssue('must be a duration of 1h to 7d');
      return z.NEVER;
    })
    .prefault('1d')
    .meta({ description: 'How far back to count, 1h to 7d, in whole hours.', examples: ['1d'] }),
});

/** Of one subscription. */
export const subscriptionStatsQuery = statsQuery.omit({ organization: true });

const attempts = {
  from: time.meta({ description: 'The beginning of what is counted: a full hour.' }),
  attempts: z.int().min(0).meta({ description: 'Requests that ended since then.' }),
  successes: z.int().min(0),
  failures: z.int().min(0),
  successRate: z.number().min(0).max(1).nullable().meta({ description: 'Share of attempts; `null`: there were none.' }),
  latencyMs: z.object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() }).meta({
    description: 'Of all attempts, rounded up to one of 24 steps from 5 ms to 30 s, each about 1.5 × the last.',
  }),
};

const failing = {
  failingSince: time.nullable().meta({ description: 'When the first attempt after the last success failed.' }),
  failedAttempts: z.int().min(0).meta({ description: 'Since then.' }),
  lastFailure: z
    .object({ at: time, what: z.string().meta({ examples: ['HTTP 503'] }) })
    .nullable()
    .meta({ description: 'The newest failure there was.' }),
};

const counted = z.int().min(0);

const deliveries = {
  deliveries: z
    .object({
      ...{ pending: counted, retrying: counted },
      delivered: counted.meta({ description: 'Attempts that succeeded since `from`: a replay counts once more.' }),
      ...{ exhausted: counted, 'dead-lettered': counted, cancelled: counted },
      complete: z.boolean().meta({
        description: '`false`: more than 100,000 were not delivered, and only so many of them were counted.',
      }),
    })
    .meta({ description: 'Deliveries made since `from`, by the state they are in now.' }),
  backlog: z
    .object({
      waiting: counted.meta({
        description: 'Deliveries that are `pending` or `retrying`, however long ago they were made.',
      }),
      complete: z.boolean().meta({ description: '`false`: there are more than the 100,000 that were looked at.' }),
      oldestDue: time.nullable().meta({
        description:
          'When the longest due of them was due, or will be; `null`: nothing waits. A time well in the past: its endpoint is down or full, it is paused, or Hookstream is behind.',
      }),
    })
    .meta({ description: 'What waits for an attempt.' }),
};

/** `GET /v1/stats/subscriptions/{id}`. */
export const subscriptionStatsView = z
  .object({
    subscription: z.string(),
    organization: z.string(),
    ...attempts,
    ...deliveries,
    health: z.object({
      state: z.enum(['healthy', 'failing', 'unknown']).meta({ description: '`unknown`: nothing was attempted.' }),
      ...failing,
      lastSuccessAt: time.nullable(),
      warnedAt: time.nullable().meta({ description: 'When its owner was last told of this failure.' }),
    }),
  })
  .meta({ id: 'SubscriptionStats' });

/** `GET /v1/stats`. */
export const statsView = z
  .object({
    ...attempts,
    ...deliveries,
    failing: z
      .array(z.object({ subscription: z.string(), organization: z.string(), ...failing }))
      .meta({ description: 'Subscriptions whose newest attempt failed, the longest failing first, at most 100.' }),
  })
  .meta({ id: 'Stats' });

export type StatsQuery = z.output<typeof statsQuery>;
export type SubscriptionStatsView = z.input<typeof subscriptionStatsView>;
export type StatsView = z.input<typeof statsView>;
