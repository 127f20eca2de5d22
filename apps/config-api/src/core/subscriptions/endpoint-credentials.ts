import { createHash } from 'node:crypto';
import { type SecretBox, type SecretOwner } from '@hookstream/contracts';
import { type EndpointAuth, type EndpointSettings } from '@hookstream/domain';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { type EndpointAuthRequest } from './endpoint-auth-fields.js';

/** The parts of an endpoint that hold secrets, sealed. */
export type SealedEndpoint = Pick<EndpointSettings, 'auth'>;

interface EndpointRequest {
  readonly url: string;
  readonly auth: EndpointAuthRequest;
}

/** Tells one sealed secret from the next. It is made of what seals it, so that nothing can be guessed by it. */
export function secretFingerprint(sealed: string): string {
  return `sha256:${createHash('sha256').update(sealed).digest('hex').slice(0, 16)}`;
}

/**
 * The secrets of a request, sealed for their owner. One that is not given stays as it is in `present`, unless it would
 * be sent elsewhere: who may change where requests go must not learn by it what was written by others.
 */
export function sealEndpoint(
  secrets: Pick<SecretBox, 'seal' | 'open'>,
  owner: SecretOwner,
  request: EndpointRequest,
  present?: EndpointSettings,
): Outcome<SealedEndpoint> {
  const { auth } = request;
  if (auth.type === 'none') return accepted({});
  const field = SECRET_FIELDS[auth.type];
  const given = secretOf(auth);
  const kept = keptAuth(request, present);
  if (given === undefined && !kept.ok) {
    return rejected({ kind: 'field', pointer: `/endpoint/auth/${field}`, message: kept.message });
  }
  const unchanged = kept.ok && (given === undefined || opens(secrets, owner, kept.sealed, given));
  const sealed = unchanged ? kept.sealed : secrets.seal(Buffer.from(given ?? ''), owner);
  return accepted({ auth: authOf(auth, sealed) });
}

const SECRET_FIELDS = {
  basic: 'password',
  bearer: 'token',
  header: 'value',
  'oauth2-client-credentials': 'clientSecret',
} as const;

type WithSecret = Exclude<EndpointAuthRequest, { type: 'none' }>;

function secretOf(auth: WithSecret): string | undefined {
  switch (auth.type) {
    case 'basic':
      return auth.password;
    case 'bearer':
      return auth.token;
    case 'header':
      return auth.value;
    case 'oauth2-client-credentials':
      return auth.clientSecret;
  }
}

type Kept = { readonly ok: true; readonly sealed: string } | { readonly ok: false; readonly message: string };

function keptAuth({ url, auth }: EndpointRequest, present: EndpointSettings | undefined): Kept {
  const before = present?.auth;
  if (!before || before.type !== auth.type) return { ok: false, message: 'must be given' };
  if (originOf(url) !== originOf(present.url)) {
    return { ok: false, message: 'must be given again, because requests go to another origin' };
  }
  if (
    auth.type === 'oauth2-client-credentials' &&
    before.type === auth.type &&
    originOf(auth.tokenUrl) !== originOf(before.tokenUrl)
  ) {
    return { ok: false, message: 'must be given again, because the token URL has another origin' };
  }
  return { ok: true, sealed: before.sealed };
}

const originOf = (url: string): string => new URL(url).origin;

function opens(secrets: Pick<SecretBox, 'open'>, owner: SecretOwner, sealed: string, given: string): boolean {
  try {
    return secrets.open(sealed, owner).equals(Buffer.from(given));
  } catch {
    // Sealed with a key that was taken away: the given one takes its place.
    return false;
  }
}

function authOf(auth: WithSecret, sealed: string): EndpointAuth {
  switch (auth.type) {
    case 'basic':
      return { type: auth.type, username: auth.username, sealed };
    case 'bearer':
      return { type: auth.type, sealed };
    case 'header':
      return { type: auth.type, name: auth.name, sealed };
    case 'oauth2-client-credentials': {
      const { type, tokenUrl, clientId, clientAuthentication, scope, audience } = auth;
      const optional = { ...(scope !== undefined && { scope }), ...(audience !== undefined && { audience }) };
      return { type, tokenUrl, clientId, clientAuthentication, ...optional, sealed };
    }
  }
}
