import type { Hydration } from '@hookstream/domain';
import { z } from 'zod';
import { endpointAuthSchema } from './endpoint-auth-schema.js';

export const hydrationSchema: z.ZodType<Hydration> = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  auth: endpointAuthSchema.exactOptional(),
  timeoutMs: z.number(),
  cacheMs: z.number(),
  notFound: z.enum(['null', 'dead-letter']),
});
