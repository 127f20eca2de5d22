import { EgressFailure } from './egress-failure.js';
import { type OutboundRequest } from './http-exchange.js';

export interface RequestTarget {
  readonly origin: string;
  readonly path: string;
}

// Set by the sender, or about the connection and not the request (RFC 9110 §7.6.1).
const RESERVED_HEADERS = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'proxy-connection'],
  ...['upgrade', 'te', 'trailer', 'expect'],
]);

/** URLs that are remembered: an endpoint's comes with each of its requests. */
const REMEMBERED_URLS = 4_096;
const remembered = new Map<string, UrlParts | undefined>();

interface UrlParts {
  readonly target: RequestTarget;
  readonly protocol: string;
  readonly hasCredentials: boolean;
}

/** Where a request goes, or why its URL or its headers make none. Never repeats a header's value, which may be a secret. */
export function parseTarget({
  url: given,
  headers,
  httpsOnly,
}: Pick<OutboundRequest, 'url' | 'headers' | 'httpsOnly'>): RequestTarget | EgressFailure {
  const url = typeof given === 'string' ? partsOfText(given) : partsOf(given);
  if (url === undefined) return new EgressFailure('invalid-url', 'the URL of the endpoint is not valid');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return new EgressFailure('invalid-url', 'the URL of the endpoint must start with https:// or http://');
  }
  if (httpsOnly && url.protocol !== 'https:') {
    return new EgressFailure('invalid-url', 'the URL of the endpoint must start with https://, as its settings ask');
  }
  if (url.hasCredentials) {
    return new EgressFailure(
      'invalid-url',
      "the URL must hold no user name or password; use the endpoint's auth setting",
    );
  }

  for (const name in headers) {
    if (RESERVED_HEADERS.has(name.toLowerCase())) {
      return new EgressFailure('invalid-request', `the header "${name}" is set by Hookstream and cannot be given`);
    }
  }
  return url.target;
}

/** Undefined where it is no URL. */
function partsOfText(text: string): UrlParts | undefined {
  if (remembered.has(text)) return remembered.get(text);
  const parts = URL.canParse(text) ? partsOf(new URL(text)) : undefined;
  if (remembered.size >= REMEMBERED_URLS) remembered.clear();
  remembered.set(text, parts);
  return parts;
}

function partsOf({ protocol, origin, pathname, search, username, password }: URL): UrlParts {
  const target = { origin, path: pathname + search };
  return { target, protocol, hasCredentials: username !== '' || password !== '' };
}
