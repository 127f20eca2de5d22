import { type EndpointAuth } from '@hookstream/domain';
import { z } from 'zod';
import { line } from '../fields.js';
import { secretFingerprint } from './endpoint-credentials.js';
import { endpointUrlProblem, headerNameProblem, isHeaderValue } from './endpoint-rules.js';

const MAX_SECRET_LENGTH = 4_096;
/** RFC 7617 §2: neither control characters, nor, in a user name, a colon. */
const USERNAME = /^[^\p{Cc}\p{Cs}:]{0,255}$/u;
const PASSWORD = /^[^\p{Cc}\p{Cs}]*$/u;
const TOKEN = /^[\x21-\x7e]+$/;

const fingerprint = z
  .string()
  .optional()
  .meta({ description: 'Given by answers, not read: it is another for each secret that was set.' });

function secret(description: string) {
  return { description: `${description} Written, never answered; left out, it stays as it is.`, writeOnly: true };
}

const headerName = z.string().superRefine((name, context) => {
  const problem = headerNameProblem(name);
  if (problem) context.addIssue(problem);
});

const tokenUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = endpointUrlProblem(text);
    if (problem) context.addIssue(problem);
  })
  .meta({ description: 'Where tokens are asked for; called like an endpoint.', format: 'uri' });

const clientAuthentication = z
  .enum(['client_secret_basic', 'client_secret_post'])
  .prefault('client_secret_basic')
  .meta({ description: 'How the client shows who it is, RFC 6749 §2.3.1.' });

const printable = z.string().regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');
const scope = printable.min(1).max(1_000).optional();
const audience = printable.min(1).max(2_048).optional();

/** How requests show whom they come from. */
export const endpointAuth = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('none') }),
      z.strictObject({
        type: z.literal('basic'),
        username: z.string().regex(USERNAME, 'must be at most 255 characters without colons and control characters'),
        password: z
          .string()
          .max(MAX_SECRET_LENGTH)
          .regex(PASSWORD, 'must not hold control characters')
          .optional()
          .meta(secret('Of RFC 7617.')),
        fingerprint,
      }),
      z.strictObject({
        type: z.literal('bearer'),
        token: z
          .string()
          .max(MAX_SECRET_LENGTH)
          .regex(TOKEN, 'must be printable ASCII without spaces')
          .optional()
          .meta(secret('Of RFC 6750.')),
        fingerprint,
      }),
      z.strictObject({
        type: z.literal('header'),
        name: headerName,
        value: z
          .string()
          .min(1)
          .refine(isHeaderValue, 'must be at most 4,096 printable ASCII characters without space at either end')
          .optional()
          .meta(secret('The value of the header.')),
        fingerprint,
      }),
      z.strictObject({
        type: z.literal('oauth2-client-credentials'),
        tokenUrl,
        clientId: line(1_000),
        clientSecret: line(MAX_SECRET_LENGTH).optional().meta(secret('Of RFC 6749 §2.3.1.')),
        clientAuthentication,
        scope,
        audience,
        fingerprint,
      }),
    ],
    { error: ({ code }) => (code === 'invalid_union' ? `must be one of ${AUTH_TYPES.join(', ')}` : undefined) },
  )
  .prefault({ type: 'none' })
  .meta({ description: 'How requests show whom they come from, beside their signature.' });

const AUTH_TYPES = ['none', 'basic', 'bearer', 'header', 'oauth2-client-credentials'];

export type EndpointAuthRequest = z.output<typeof endpointAuth>;

/** As it is answered. */
export const endpointAuthView = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none') }),
  z.object({ type: z.literal('basic'), username: z.string(), fingerprint }),
  z.object({ type: z.literal('bearer'), fingerprint }),
  z.object({ type: z.literal('header'), name: z.string(), fingerprint }),
  z.object({
    type: z.literal('oauth2-client-credentials'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientAuthentication,
    scope,
    audience,
    fingerprint,
  }),
]);

export function viewEndpointAuth(auth: EndpointAuth | undefined): z.input<typeof endpointAuthView> {
  if (!auth) return { type: 'none' };
  const { sealed, ...shown } = auth;
  return { ...shown, fingerprint: secretFingerprint(sealed) };
}

/** What is wrong with headers beside an `auth` that sets one of them, by its name. */
export function headerSetTwice(
  headers: Readonly<Record<string, string>>,
  auth: EndpointAuthRequest,
): string | undefined {
  if (auth.type === 'none') return undefined;
  const set = auth.type === 'header' ? auth.name.toLowerCase() : 'authorization';
  return Object.keys(headers).find((name) => name.toLowerCase() === set);
}
