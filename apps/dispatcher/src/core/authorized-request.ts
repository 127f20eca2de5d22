import type { HttpOutcome, OutboundRequest } from '@hookstream/egress';
import type { AttemptOutcome, AttemptWithheld } from '@hookstream/engine';
import type { AccessTokens, TokenClient } from './access-tokens.js';
import { bearer, type AuthHeader, type Authorization } from './endpoint-authorization.js';
import { withoutSecrets } from './masked-secrets.js';

type Outcome = AttemptOutcome | AttemptWithheld;
type Authorizable = Pick<OutboundRequest, 'headers' | 'timeoutMs'>;

export interface AuthorizedSending<Request> {
  readonly send: (request: Request, mayBegin: () => boolean) => Promise<HttpOutcome>;
  readonly tokens: Pick<AccessTokens, 'get' | 'refused'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Below the five seconds after which requests that hang open an endpoint's breaker: a token server that hangs says nothing of the
 * endpoint.
 */
const MAX_TOKEN_WAIT_MS = 4_000;
/** Of an attempt's time, so that some is left for the endpoint. */
const TOKEN_SHARE = 0.5;

/**
 * Sends a request with what shows its sender. Where that is a token the endpoint refuses by 401, another token is asked for and the
 * request sent once more: it is one attempt, within the one deadline, and the second answer is its outcome.
 */
export async function sendAuthorized<Request extends Authorizable>(
  request: Request,
  authorization: Authorization,
  mayBegin: () => boolean,
  { send, tokens, now }: AuthorizedSending<Request>,
): Promise<Outcome> {
  const sendWith = async (header: AuthHeader, timeoutMs: number) => {
    const { name, value, secrets } = header;
    const headers = { ...request.headers, [name]: value };
    return withoutSecrets(await send({ ...request, headers, timeoutMs }, mayBegin), secrets);
  };
  if (authorization.kind === 'header') return sendWith(authorization.header, request.timeoutMs);

  const { client } = authorization;
  const startedAtMs = now();
  const leftMs = () => request.timeoutMs - (now() - startedAtMs);
  const timed = (outcome: Outcome): Outcome =>
    outcome.kind === 'withheld' ? outcome : { ...outcome, durationMs: now() - startedAtMs };

  const answer = await tokenWithin(leftMs(), client, tokens);
  if (!answer.ok) {
    if (!mayBegin()) return { kind: 'withheld' };
    return timed({ kind: 'failure', class: 'token', message: answer.message, durationMs: 0, notAsked: true });
  }
  const first = await sendWith(bearer(answer.token), leftMs());
  if (first.kind !== 'response' || first.status !== 401) return timed(first);
  if (!tokens.refused(client, answer.token)) return timed(first);
  const again = await tokenWithin(leftMs(), client, tokens);
  if (!again.ok || again.token === answer.token) return timed(first);
  const second = await sendWith(bearer(again.token), leftMs());
  // The endpoint has been asked, so an attempt was made.
  return timed(second.kind === 'withheld' ? first : second);
}

function tokenWithin(leftMs: number, client: TokenClient, tokens: Pick<AccessTokens, 'get'>) {
  return tokens.get(client, Math.max(0, Math.min(MAX_TOKEN_WAIT_MS, leftMs * TOKEN_SHARE)));
}
