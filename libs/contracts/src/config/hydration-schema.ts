import type { Hydration } from '@hookstream/domain';
import { z } from 'zod';
import { endpointAuthSchema } from './endpoint-auth-schema.js';

const notFound = z.enum(['null', 'dead-letter']);

const resource = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  auth: endpointAuthSchema.exactOptional(),
  timeoutMs: z.number(),
  cacheMs: z.number(),
  notFound,
});

const topic = z.object({ topic: z.string(), key: z.string(), notFound });

export const hydrationSchema: z.ZodType<Hydration> = z.union([resource, topic]);
