import type { EndpointAuth } from '@hookstream/domain';
import type { SubscriptionInForce } from '@hookstream/engine';
import type { TokenClient } from './access-tokens.js';

/** A header that shows who sends a request, and what must be seen in no log. */
export interface AuthHeader {
  readonly name: string;
  readonly value: string;
  /** The secret itself, in every form in which an endpoint may repeat it. */
  readonly secrets: readonly string[];
}

export type Authorization =
  | { readonly kind: 'header'; readonly header: AuthHeader }
  /** The header is made of a token, which must be got first. */
  | { readonly kind: 'token'; readonly name: string; readonly client: TokenClient };

/** @throws Error when the secret cannot be opened */
export function authorizationOf(auth: EndpointAuth, { document, open }: SubscriptionInForce): Authorization {
  const secret = () => open(auth.sealed).toString('utf8');
  switch (auth.type) {
    case 'basic': {
      const password = secret();
      const pair = Buffer.from(`${auth.username}:${password}`).toString('base64');
      const header = { name: 'authorization', value: `Basic ${pair}`, secrets: [password, pair] };
      return { kind: 'header', header };
    }
    case 'bearer':
      return { kind: 'header', header: bearer(secret()) };
    case 'header': {
      const value = secret();
      return { kind: 'header', header: { name: auth.name.toLowerCase(), value, secrets: [value] } };
    }
    case 'oauth2-client-credentials':
      return {
        kind: 'token',
        name: 'authorization',
        client: { subscription: document.id, settings: auth, secret },
      };
  }
}

export function bearer(token: string): AuthHeader {
  return { name: 'authorization', value: `Bearer ${token}`, secrets: [token] };
}
