import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';

/** What a receiver knows of its subscription's signatures. */
export interface KnownSigning {
  readonly scheme: string;
  /** As the answer that made it showed it. */
  readonly secret?: string | undefined;
  /** `whpk_…`, for ed25519. */
  readonly publicKey?: string | undefined;
}

export interface RequestToCheck {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Verdict {
  readonly isGenuine: boolean;
  /** What was looked at. */
  readonly by: string;
}

const TOLERANCE_SECONDS = 300;
const MD5_JSON_HEAD = '{"payload":'.length;
const MD5_JSON_TAIL = ',"md5":"d41d8cd98f00b204e9800998ecf8427e"}'.length;

/**
 * Whether a request is what its subscription sends, as a receiver finds out by docs/signatures.md alone: nothing here is
 * shared with what signs.
 */
export function checkSignature(signing: KnownSigning, request: RequestToCheck, nowMs: number): Verdict {
  const { scheme } = signing;
  switch (scheme) {
    case 'standard-webhooks':
    case 'standard-webhooks-v1a':
      return {
        isGenuine: isOfNow(request, nowMs) && signatures(request).some((one) => fits(one, signing, request)),
        by: 'webhook-signature and webhook-timestamp',
      };
    case 'github':
    case 'messenger':
      return { isGenuine: hasHubSignature('sha256', signing, request), by: 'x-hub-signature-256' };
    case 'intercom':
      return { isGenuine: hasHubSignature('sha1', signing, request), by: 'x-hub-signature' };
    case 'md5':
      return { isGenuine: hasMd5(signing, request), by: 'the MD5 of the payload' };
    case 'none':
      return { isGenuine: true, by: 'nothing: it is not signed' };
    default:
      return { isGenuine: false, by: `the scheme ${scheme}, which is not known here` };
  }
}

function isOfNow(request: RequestToCheck, nowMs: number): boolean {
  return Math.abs(nowMs / 1_000 - Number(header(request, 'webhook-timestamp') || 'NaN')) <= TOLERANCE_SECONDS;
}

function signatures(request: RequestToCheck): readonly string[] {
  return header(request, 'webhook-signature').split(' ');
}

function fits(written: string, { secret = '', publicKey = '' }: KnownSigning, request: RequestToCheck): boolean {
  const [version, signature = ''] = written.split(',');
  const head = `${header(request, 'webhook-id')}.${header(request, 'webhook-timestamp')}.`;
  const content = Buffer.concat([Buffer.from(head), request.body]);
  if (version === 'v1') {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return same(createHmac('sha256', key).update(content).digest(), Buffer.from(signature, 'base64'));
  }
  if (version !== 'v1a' || publicKey === '') return false;
  const x = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  return verify(null, content, key, Buffer.from(signature, 'base64'));
}

function hasHubSignature(hash: 'sha1' | 'sha256', { secret = '' }: KnownSigning, request: RequestToCheck): boolean {
  const given = header(request, hash === 'sha1' ? 'x-hub-signature' : 'x-hub-signature-256');
  const expected = `${hash}=${createHmac(hash, secret).update(request.body).digest('hex')}`;
  return same(Buffer.from(given), Buffer.from(expected));
}

function hasMd5({ secret = '' }: KnownSigning, request: RequestToCheck): boolean {
  const { payload, md5 } = md5Envelope(header(request, 'content-type'), request.body);
  return same(Buffer.from(md5), Buffer.from(createHash('md5').update(payload).update(secret).digest('hex')));
}

function md5Envelope(contentType: string, body: Buffer): { readonly payload: Buffer; readonly md5: string } {
  const text = body.toString();
  if (contentType.startsWith('application/xml')) {
    const begin = body.indexOf('<payload>') + '<payload>'.length;
    const [, md5 = ''] = /<md5>([0-9a-f]{32})<\/md5><\/notification>$/.exec(text) ?? [];
    return { payload: body.subarray(begin, body.lastIndexOf('</payload>')), md5 };
  }
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    const fields = new URLSearchParams(text);
    return { payload: Buffer.from(fields.get('payload') ?? ''), md5: fields.get('md5') ?? '' };
  }
  const [, md5 = ''] = /,"md5":"([0-9a-f]{32})"}$/.exec(text) ?? [];
  return { payload: body.subarray(MD5_JSON_HEAD, -MD5_JSON_TAIL), md5 };
}

function header({ headers }: RequestToCheck, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
