import { type z } from 'zod';
import { Problem } from './problem.js';

/** A zod error as a 400: every issue with its place and, for an unknown field, the nearest known name. */
export function problemFromZod(error: z.ZodError, schema: z.ZodType, place: 'pointer' | 'parameter'): Problem {
  throw new Error(`not yet: ${error.message} ${typeof schema} ${place}`);
}
