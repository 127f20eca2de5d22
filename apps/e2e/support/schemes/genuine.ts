import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import type { ReceivedRequest } from '@hookstream/testing';
import { Webhook } from 'standardwebhooks';

/** What a receiver knows of its subscription. */
export interface Known {
  readonly secret: string;
  /** `whpk_…` */
  readonly publicKey: string;
}

/** Tells whether a request is what it should be. Each is written from docs/signatures.md, with nothing of what signs. */
export type Judge = (request: ReceivedRequest, known: Known) => boolean;

export const header = ({ headers }: ReceivedRequest, name: string): string => String(headers[name]);

export const byStandardWebhooks: Judge = ({ body, headers }, { secret }) => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
};

export const byEd25519: Judge = (request, { publicKey }) => {
  const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  const head = Buffer.from(`${header(request, 'webhook-id')}.${header(request, 'webhook-timestamp')}.`);
  const signature = Buffer.from(header(request, 'webhook-signature').replace(/^v1a,/, ''), 'base64');
  return verify(null, Buffer.concat([head, request.body]), key, signature);
};

export const byHub =
  (...hashes: readonly ('sha1' | 'sha256')[]): Judge =>
  (request, { secret }) =>
    hashes.every((hash) => {
      const name = hash === 'sha1' ? 'x-hub-signature' : 'x-hub-signature-256';
      return header(request, name) === `${hash}=${createHmac(hash, secret).update(request.body).digest('hex')}`;
    });

export const byMd5InJson: Judge = ({ body }, { secret }) =>
  md5(body.subarray(11, -42), secret) === /,"md5":"(\w+)"}$/.exec(body.toString())?.[1];

export const byMd5InXml: Judge = ({ body }, { secret }) => {
  const [, payload = '', digest] = /<payload>(.*)<\/payload><md5>(\w+)<\/md5>/s.exec(body.toString()) ?? [];
  return md5(Buffer.from(payload), secret) === digest;
};

export const byMd5InForm: Judge = ({ body }, { secret }) => {
  const fields = new URLSearchParams(body.toString());
  return md5(Buffer.from(fields.get('payload') ?? ''), secret) === fields.get('md5');
};

export const byAuthorization =
  (expected: string): Judge =>
  (request) =>
    header(request, 'authorization') === expected;

function md5(payload: Buffer, secret: string): string {
  return createHash('md5').update(payload).update(secret).digest('hex');
}
