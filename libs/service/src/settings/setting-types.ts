import { parseDuration } from '@hookstream/domain';
import { z } from 'zod';

/** Every setting arrives as text; these parse it. Add the meaning by `.meta({ description, unit?, secret? })`. */
export function text() {
  return z.string();
}

/** Printed nowhere: not in errors, not in generated documents. */
export function secret() {
  return z.string().meta({ secret: true });
}

export function integer(bounds: { readonly min?: number; readonly max?: number } = {}) {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = bounds;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** `500ms`, `5s`, `30m`, `2h`, `7d`; read as milliseconds. Bounds are given the same way. */
export function duration(bounds: { readonly min?: string; readonly max?: string } = {}) {
  const minMs = bounds.min === undefined ? 0 : (parseDuration(bounds.min) ?? 0);
  const maxMs = bounds.max === undefined ? Infinity : (parseDuration(bounds.max) ?? Infinity);
  return z
    .string()
    .transform((written, context) => {
      const milliseconds = parseDuration(written);
      if (milliseconds === undefined) return refuse(context, 'must be a duration such as 500ms, 5s, 30m, 2h or 7d');
      if (milliseconds < minMs) return refuse(context, `must be at least ${bounds.min}`);
      if (milliseconds > maxMs) return refuse(context, `must be at most ${bounds.max}`);
      return milliseconds;
    })
    .meta({ unit: 'duration' });
}

const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };

/** `65536`, `64KiB`, `1MiB`, `2GiB`; read as bytes. */
export function bytes(bounds: { readonly min?: number; readonly max?: number } = {}) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  return z
    .string()
    .transform((written, context) => {
      const [, digits, unit] = /^(\d{1,12})\s?(B|KiB|MiB|GiB)?$/.exec(written) ?? [];
      const factor = BYTE_UNITS[unit ?? ''];
      if (digits === undefined || factor === undefined)
        return refuse(context, 'must be a size such as 65536, 64KiB or 1MiB');
      const size = Number(digits) * factor;
      if (size < min) return refuse(context, `must be at least ${min} bytes`);
      if (size > max) return refuse(context, `must be at most ${max} bytes`);
      return size;
    })
    .meta({ unit: 'bytes' });
}

/** Values separated by commas; spaces around them and empty ones are dropped. */
export function list() {
  return z
    .string()
    .transform((written) =>
      written
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .meta({ unit: 'list' });
}

export function flag() {
  return z
    .enum(['true', 'false'], 'must be true or false')
    .transform((written) => written === 'true')
    .meta({ unit: 'true | false' });
}

export function oneOf<const Choice extends string>(choices: readonly [Choice, ...Choice[]]) {
  return z.enum(choices, `must be one of ${choices.join(', ')}`).meta({ unit: choices.join(' | ') });
}

function refuse(context: z.RefinementCtx<string>, message: string) {
  context.addIssue({ code: 'custom', message, input: context.value });
  return z.NEVER;
}
