import { formatDuration, isStatusPattern, parseDuration, type StatusPattern } from '@hookstream/domain';
import { z } from 'zod';

/** One of the values that can be honoured; those of the final shape that cannot be are told apart from typing errors. */
export function choice<const Now extends string>(
  now: readonly [Now, ...Now[]],
  later: readonly string[] = [],
): z.ZodEnum<{ [Value in Now]: Value }> {
  return z.enum(now, {
    error: ({ input }) =>
      typeof input === 'string' && later.includes(input)
        ? `"${input}" is not available yet; available: ${now.join(', ')}`
        : `must be one of ${now.join(', ')}`,
  });
}

/** `500ms`, `5s`, `30m`, `2h`, `7d`; read as milliseconds. */
export function durationBetween(minMs: number, maxMs: number) {
  const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return z
    .string('must be a duration such as 500ms, 5s, 30m, 2h or 7d')
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds !== undefined && milliseconds >= minMs && milliseconds <= maxMs) return milliseconds;
      context.addIssue(
        milliseconds === undefined ? 'must be a duration such as 500ms, 5s, 30m, 2h or 7d' : `must be within ${range}`,
      );
      return z.NEVER;
    })
    .meta({ description: `A duration, ${range}.`, examples: ['5s'] });
}

const status = z.custom<StatusPattern>(isStatusPattern, 'must be a status, 100 to 599, or a class such as "2xx"').meta({
  override: {
    anyOf: [
      { type: 'integer', minimum: 100, maximum: 599 },
      { type: 'string', pattern: '^[1-5]xx$' },
    ],
  },
});

/** HTTP statuses: numbers, or classes such as `2xx`. */
export function statusList(minItems: number) {
  return z.array(status).min(minItems).max(100);
}

/** One line for people: no control characters, at most so long. */
export function line(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters or lone surrogates');
}

/** Lines of text; PostgreSQL stores neither NUL nor half a character. */
export function prose(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .regex(/^[^\0\p{Cs}]*$/u, 'must not hold NUL characters or lone surrogates');
}

/** An organization by its id or its external id. */
export const organizationReference = prose(128)
  .min(1)
  .meta({ description: 'Id or external id of an organization.', examples: ['org_default'] });
