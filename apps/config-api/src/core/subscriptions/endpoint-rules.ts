const MAX_URL_LENGTH = 2_048;
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
/** Printable ASCII and inner tabs, no space at either end: a value that no HTTP client alters. */
const HEADER_VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e\t]{0,4094}[\x21-\x7e])?)?$/;
/** What the sender decides: the message's framing, the connection, the payload's own description. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const RESERVED_PREFIXES = ['webhook-', 'hookstream-', 'proxy-', 'ce-'];

/**
 * What is wrong with an endpoint's URL, in words for its author; `undefined` when nothing is. Where it leads is judged at
 * each delivery, on the address that is dialled: a name that is harmless today may point inside tomorrow.
 */
export function endpointUrlProblem(text: string): string | undefined {
  if (text.length > MAX_URL_LENGTH) return `must be at most ${MAX_URL_LENGTH} characters`;
  if (/[\p{Cc}\s\\]/u.test(text)) return 'must not hold white space, control characters or backslashes';
  if (!/^https?:\/\//i.test(text)) return 'must be an absolute URL that starts with "https://" or "http://"';
  if (!URL.canParse(text)) return 'is not a valid URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return 'must not hold credentials; send them in "endpoint.headers"';
  }
  if (url.hash !== '' || text.includes('#')) return 'must not have a fragment: it is never sent';
  return undefined;
}

/** What is wrong with the name of an extra header; `undefined` when nothing is. */
export function headerNameProblem(name: string): string | undefined {
  if (!TOKEN.test(name)) return `"${name.slice(0, 64)}" is not a header name`;
  const lowerCase = name.toLowerCase();
  if (RESERVED_NAMES.has(lowerCase) || RESERVED_PREFIXES.some((prefix) => lowerCase.startsWith(prefix))) {
    return `"${name}" is set by Hookstream itself and cannot be given`;
  }
  return undefined;
}

export function isHeaderValue(value: string): boolean {
  return HEADER_VALUE.test(value);
}
