import { createHash } from 'node:crypto';
import { type SecretBox, type SecretOwner } from '@hookstream/contracts';
import { type EndpointAuth, type EndpointSettings, type EndpointTls, type Hydration } from '@hookstream/domain';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { type EndpointAuthRequest } from './endpoint-auth-fields.js';
import { type EndpointTlsRequest, isKeyOf } from './endpoint-tls-fields.js';

/** The parts of a subscription's settings that hold secrets of those it calls, sealed. */
export interface SealedEndpoint extends Pick<EndpointSettings, 'auth' | 'tls'> {
  /** Of `payload.hydrate`. */
  readonly hydrateAuth?: EndpointAuth;
}

interface AuthorizedUrl {
  readonly url: string;
  readonly auth: EndpointAuthRequest;
}

interface AuthorizedSource {
  /** Left out for a topic, which needs no secret. */
  readonly url?: string | undefined;
  readonly auth: EndpointAuthRequest;
}

type PresentUrl = Pick<EndpointSettings, 'url' | 'auth'>;

interface EndpointRequest extends AuthorizedUrl {
  readonly tls: EndpointTlsRequest;
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
  secrets: Box,
  owner: SecretOwner,
  request: EndpointRequest,
  present?: EndpointSettings,
): Outcome<SealedEndpoint> {
  const auth = sealAuth(secrets, owner, request, present, '/endpoint/auth');
  if (!auth.ok) return auth;
  const tls = sealTls(secrets, owner, request.tls, present?.tls);
  return tls.ok ? accepted({ ...auth.value, ...tls.value }) : tls;
}

/** As `sealEndpoint`, of the resource that entities are read from. */
export function sealHydration(
  secrets: Box,
  owner: SecretOwner,
  request: AuthorizedSource | undefined,
  present?: Hydration,
): Outcome<Pick<SealedEndpoint, 'hydrateAuth'>> {
  if (request?.url === undefined) return accepted({});
  const { url, auth: asked } = request;
  const before = present && 'url' in present ? present : undefined;
  const sealed = sealAuth(secrets, owner, { url, auth: asked }, before, '/payload/hydrate/auth');
  if (!sealed.ok) return sealed;
  const { auth } = sealed.value;
  return accepted(auth ? { hydrateAuth: auth } : {});
}

type Box = Pick<SecretBox, 'seal' | 'open'>;

function sealAuth(
  secrets: Box,
  owner: SecretOwner,
  request: AuthorizedUrl,
  present: PresentUrl | undefined,
  place: string,
): Outcome<Pick<SealedEndpoint, 'auth'>> {
  const { auth } = request;
  if (auth.type === 'none') return accepted({});
  const field = SECRET_FIELDS[auth.type];
  const given = secretOf(auth);
  const kept = keptAuth(request, present);
  if (given === undefined && !kept.ok) {
    return rejected({ kind: 'field', pointer: `${place}/${field}`, message: kept.message });
  }
  const unchanged = kept.ok && (given === undefined || opened(secrets, owner, kept.sealed) === given);
  const sealed = unchanged ? kept.sealed : secrets.seal(Buffer.from(given ?? ''), owner);
  return accepted({ auth: authOf(auth, sealed) });
}

/** The key is shown to no endpoint, so it stays wherever requests go; it goes with its certificate. */
function sealTls(
  secrets: Box,
  owner: SecretOwner,
  { ca, certificate, key }: EndpointTlsRequest,
  present: EndpointTls | undefined,
): Outcome<Pick<SealedEndpoint, 'tls'>> {
  const trusted = ca === undefined ? {} : { ca };
  if (certificate === undefined) return accepted(ca === undefined ? {} : { tls: trusted });
  const kept = present?.sealed;
  const known = kept === undefined ? undefined : opened(secrets, owner, kept);
  const refused = (message: string) => rejected({ kind: 'field', pointer: '/endpoint/tls/key', message });
  if (key === undefined && kept === undefined) return refused('must be given');
  // A key that does not open any more cannot be compared: it stays as it is with its certificate.
  const inForce = key ?? known;
  if (inForce !== undefined && !isKeyOf(certificate, inForce)) return refused('is not that of the certificate');
  const unchanged = kept !== undefined && (key === undefined || key === known);
  return accepted({
    tls: { ...trusted, certificate, sealed: unchanged ? kept : secrets.seal(Buffer.from(key ?? ''), owner) },
  });
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

function keptAuth({ url, auth }: AuthorizedUrl, present: PresentUrl | undefined): Kept {
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

function opened(secrets: Box, owner: SecretOwner, sealed: string): string | undefined {
  try {
    return secrets.open(sealed, owner).toString('utf8');
  } catch {
    // Sealed with a key that was taken away: what is given takes its place.
    return undefined;
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
