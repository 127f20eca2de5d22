import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type EndpointTls } from '@hookstream/domain';
import { z } from 'zod';
import { type EndpointAuthRequest } from './endpoint-auth-fields.js';
import { secretFingerprint } from './endpoint-credentials.js';

const MAX_CERTIFICATES_LENGTH = 65_536;
const MAX_CERTIFICATES = 100;
const MAX_KEY_LENGTH = 16_384;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

const certificates = z
  .string()
  .max(MAX_CERTIFICATES_LENGTH)
  .superRefine((pem, context) => {
    const problem = certificatesProblem(pem);
    if (problem) context.addIssue(problem);
  });

const key = z
  .string()
  .max(MAX_KEY_LENGTH)
  .refine((pem) => isPrivateKey(pem), 'must be a private key in PEM that is not encrypted');

const fingerprint = z
  .string()
  .optional()
  .meta({ description: 'Of the key. Given by answers, not read: it is another for each key that was set.' });

const ca = certificates.optional().meta({
  description: 'Certificates in PEM that the endpoint is trusted by, in place of those of the system.',
});
const certificate = certificates.optional().meta({
  description: 'The client certificate in PEM, first, and those that it leads to.',
});

/** What an endpoint is trusted by, and what it is shown. */
export const endpointTls = z
  .strictObject({
    ca,
    certificate,
    key: key.optional().meta({
      description: 'Of the client certificate. Written, never answered; left out, it stays as it is.',
      writeOnly: true,
    }),
    fingerprint,
  })
  .refine((given) => given.key === undefined || given.certificate !== undefined, {
    path: ['key'],
    message: 'goes with a certificate only',
  })
  .prefault({})
  .meta({ description: 'Certificates, for endpoints that the system does not trust or that want to see one.' });

export type EndpointTlsRequest = z.output<typeof endpointTls>;

/** As it is answered. */
export const endpointTlsView = z.object({ ca, certificate, fingerprint });

export function viewEndpointTls({ ca: authorities, certificate: shown, sealed }: EndpointTls = {}): z.input<
  typeof endpointTlsView
> {
  return {
    ...(authorities !== undefined && { ca: authorities }),
    ...(shown !== undefined && { certificate: shown }),
    ...(sealed !== undefined && { fingerprint: secretFingerprint(sealed) }),
  };
}

interface SafeEndpoint {
  readonly url: string;
  readonly httpsOnly: boolean;
  readonly tls: EndpointTlsRequest;
  readonly auth: EndpointAuthRequest;
}

/** Where an endpoint is not called by https although its settings ask for it: a path below it, and the fault. */
export function* unsafeUrls({ url, httpsOnly, tls, auth }: SafeEndpoint): Generator<readonly [string[], string]> {
  const isPlain = (text: string) => /^http:/i.test(text);
  const message = 'must start with "https://", because "httpsOnly" is set';
  if (httpsOnly && isPlain(url)) yield [['url'], message];
  if (httpsOnly && 'tokenUrl' in auth && isPlain(auth.tokenUrl)) yield [['auth', 'tokenUrl'], message];
  const isOwn = tls.ca !== undefined || tls.certificate !== undefined;
  if (isOwn && isPlain(url)) yield [['tls'], 'goes with a URL that starts with "https://" only'];
}

/** Whether a key is that of the first of some certificates. */
export function isKeyOf(pem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function certificatesProblem(pem: string): string | undefined {
  const found = pem.match(CERTIFICATE) ?? [];
  if (found.length === 0 || pem.replace(CERTIFICATE, '').trim() !== '') {
    return 'must be certificates in PEM and nothing else';
  }
  if (found.length > MAX_CERTIFICATES) return `must be at most ${MAX_CERTIFICATES} certificates`;
  const unread = found.findIndex((text) => !isCertificate(text));
  return unread < 0 ? undefined : `holds a certificate that cannot be read, number ${unread + 1}`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}
