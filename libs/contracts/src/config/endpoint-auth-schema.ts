import { z } from 'zod';
import type { EndpointAuth, EndpointTls } from '@hookstream/domain';

const sealed = z.string();

export const endpointTlsSchema: z.ZodType<EndpointTls> = z.object({
  ca: z.string().exactOptional(),
  certificate: z.string().exactOptional(),
  sealed: sealed.exactOptional(),
});

export const endpointAuthSchema: z.ZodType<EndpointAuth> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('basic'), username: z.string(), sealed }),
  z.object({ type: z.literal('bearer'), sealed }),
  z.object({ type: z.literal('header'), name: z.string(), sealed }),
  z.object({
    type: z.literal('oauth2-client-credentials'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post']),
    scope: z.string().exactOptional(),
    audience: z.string().exactOptional(),
    sealed,
  }),
]);
