import type { HttpFailure, HttpResponse, SmallRequest } from '@hookstream/egress';
import type { ClientCredentials } from '@hookstream/domain';
import { z } from 'zod';
import type { TokenAnswer } from './access-tokens.js';

const TIMEOUT_MS = 10_000;
/** Where a server does not say: short enough for any, and a refused token is asked for again. */
const UNTOLD_LIFETIME_SECONDS = 300;
const MAX_TOKEN_LENGTH = 8_192;

/** RFC 6749 §4.4.2: a request for a token by the client's own credentials. */
export function tokenRequest(settings: ClientCredentials, secret: string): SmallRequest {
  const { tokenUrl, clientId, clientAuthentication, scope, audience } = settings;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (audience !== undefined) form.set('audience', audience);
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  if (clientAuthentication === 'client_secret_post') {
    form.set('client_id', clientId);
    form.set('client_secret', secret);
  } else {
    headers.authorization = `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString('base64')}`;
  }
  return { url: tokenUrl, headers, body: form.toString(), timeoutMs: TIMEOUT_MS };
}

/** RFC 6749 §2.3.1 asks for the encoding of forms before that of Basic. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

const tokenResponse = z.object({
  access_token: z
    .string()
    .max(MAX_TOKEN_LENGTH)
    .regex(/^[\x21-\x7e]+$/),
  token_type: z.string(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

const errorResponse = z.object({ error: z.string().regex(/^[\x20-\x7e]{1,100}$/) });

/** RFC 6749 §5. What the server says goes into no message but its error code: it may repeat a secret. */
export function readTokenAnswer(answer: HttpResponse | HttpFailure): TokenAnswer {
  if (answer.kind === 'failure') return { ok: false, message: `the token server: ${answer.message}` };
  const { status, body } = answer;
  const said = jsonOf(body);
  if (status !== 200) {
    const code = errorResponse.safeParse(said).data?.error;
    return { ok: false, message: `the token server answered ${status}${code === undefined ? '' : `, ${code}`}` };
  }
  const { data, error } = tokenResponse.safeParse(said);
  if (!data) {
    const field = error.issues[0]?.path.join('.') ?? '';
    return { ok: false, message: `the token server's answer has no usable ${field === '' ? 'JSON' : field}` };
  }
  if (data.token_type.toLowerCase() !== 'bearer') {
    return { ok: false, message: 'the token server gives tokens of another type than Bearer' };
  }
  const lifetimeMs = (data.expires_in ?? UNTOLD_LIFETIME_SECONDS) * 1_000;
  return { ok: true, token: { value: data.access_token, lifetimeMs } };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
