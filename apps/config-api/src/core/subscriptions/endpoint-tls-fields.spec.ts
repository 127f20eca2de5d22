import { SecretBox } from '@hookstream/contracts';
import { type EndpointSettings } from '@hookstream/domain';
import { describe, expect, it } from '@jest/globals';
import { sealEndpoint } from './endpoint-credentials.js';
import { viewEndpointTls } from './endpoint-tls-fields.js';
import { subscriptionRequest } from './subscription-request.js';

const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const owner = { organization: 'org_default', subscription: 'sub_1' };
const url = 'https://hooks.example/in';

/** For tests alone; valid until 2126. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgDCCASagAwIBAgIUdAKwGRFgVW6DgxVQhnAJXkjiN90wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyMzAxNTgyN1oYDzIxMjYxMDMw
MDE1ODI3WjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAAS2+6lHJwi1ea+lPCQFW7VNlg7vUecx1Mxco6NRXnq11NTtQDDswLUZFTZp
W4XOh3WCklCU8UN/yQZeZ8Wvp4k+o1cwVTATBgNVHSUEDDAKBggrBgEFBQcDAjAd
BgNVHQ4EFgQUf+R1QxX8doiwQYB/RCMdX+V1z8wwHwYDVR0jBBgwFoAUEDHhUPCe
pWrycP0IbUu1xxDBJE0wCgYIKoZIzj0EAwIDSAAwRQIgR8M4BERLPXmn7NrP4gmp
qaxRUcbj992ITcpw0SSwgaMCIQD5Hrl8DLqtaXSdWbgkR3td3HcxYSq7v93/hpaH
BgjhkA==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIO72jDgnYWUjydw4WOS4DT6hy4S54Ti8ceU+pVLM4OngoAoGCCqGSM49
AwEHoUQDQgAEtvupRycItXmvpTwkBVu1TZYO71HnMdTMXKOjUV56tdTU7UAw7MC1
GRU2aVuFzod1gpJQlPFDf8kGXmfFr6eJPg==
-----END EC PRIVATE KEY-----
`;
const OTHER_KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIJ9T1oMyWsYlinCjMxdb1TotA2XoRN2ZLtYt4wb4UtbFoAoGCCqGSM49
AwEHoUQDQgAEBFdJJeePcjcxLKPkhsbjv8sTisFJoHNpmoF1ULaj45cHpPqoHmjs
7CSzvMXdGRIEGSCXCSU9b91XOEX6W0o0Nw==
-----END EC PRIVATE KEY-----
`;

const settingsOf = (part: Pick<EndpointSettings, 'tls'>): EndpointSettings => ({
  ...{ url, method: 'POST', headers: {}, timeoutMs: 15_000, successStatuses: ['2xx'] },
  ...part,
});
const sealed = (tls: object, present?: EndpointSettings) =>
  sealEndpoint(box, owner, subscriptionRequest.parse({ endpoint: { url, tls } }).endpoint, present);

function stored(tls: object, present?: EndpointSettings): EndpointSettings {
  const outcome = sealed(tls, present);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.rejection));
  return settingsOf(outcome.value);
}

function refusalOf(tls: object, present?: EndpointSettings) {
  const outcome = sealed(tls, present);
  return outcome.ok ? undefined : outcome.rejection;
}

function faults(endpoint: object): string[] {
  const read = subscriptionRequest.safeParse({ endpoint: { url, ...endpoint } });
  return read.error?.issues.map(({ path }) => path.join('/')) ?? [];
}

describe('certificates of an endpoint', () => {
  it('are shown, and their key is not', () => {
    const { tls } = stored({ ca: CERTIFICATE, certificate: CERTIFICATE, key: KEY });
    expect(box.open(tls?.sealed ?? '', owner).toString()).toBe(KEY);
    expect(viewEndpointTls(tls)).toEqual({
      ca: CERTIFICATE,
      certificate: CERTIFICATE,
      fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{16}$/),
    });
    expect(viewEndpointTls(undefined)).toEqual({});
  });

  it('stay as they are when they are given as they were shown, and their key is given again or not', () => {
    const present = stored({ certificate: CERTIFICATE, key: KEY });
    expect(stored(viewEndpointTls(present.tls), present)).toEqual(present);
    expect(stored({ certificate: CERTIFICATE, key: KEY }, present)).toEqual(present);
    expect(stored({ ca: CERTIFICATE }, present).tls).toEqual({ ca: CERTIFICATE });
    expect(stored({}, present)).not.toHaveProperty('tls');
  });

  it('need the key that is theirs', () => {
    const pointer = '/endpoint/tls/key';
    expect(refusalOf({ certificate: CERTIFICATE })).toMatchObject({ pointer, message: 'must be given' });
    const wrong = { pointer, message: 'is not that of the certificate' };
    expect(refusalOf({ certificate: CERTIFICATE, key: OTHER_KEY })).toMatchObject(wrong);
    const sealed = box.seal(Buffer.from(OTHER_KEY), owner);
    const present = settingsOf({ tls: { certificate: CERTIFICATE, sealed } });
    expect(refusalOf({ certificate: CERTIFICATE }, present)).toMatchObject(wrong);
  });

  it.each([
    [{ tls: { ca: 'x' } }, 'endpoint/tls/ca'],
    [{ tls: { ca: `${CERTIFICATE}more` } }, 'endpoint/tls/ca'],
    [{ tls: { ca: CERTIFICATE.replace('MI', 'XX') } }, 'endpoint/tls/ca'],
    [{ tls: { ca: KEY } }, 'endpoint/tls/ca'],
    [{ tls: { certificate: CERTIFICATE, key: CERTIFICATE } }, 'endpoint/tls/key'],
    [{ tls: { key: KEY } }, 'endpoint/tls/key'],
    [{ url: 'http://hooks.example/', tls: { ca: CERTIFICATE } }, 'endpoint/tls'],
    [{ url: 'HTTP://hooks.example/', httpsOnly: true }, 'endpoint/url'],
    [
      {
        httpsOnly: true,
        auth: { type: 'oauth2-client-credentials', tokenUrl: 'http://t.example/', clientId: 'c', clientSecret: 's' },
      },
      'endpoint/auth/tokenUrl',
    ],
  ])('and https are refused where they make no sense, %#', (endpoint, pointer) =>
    expect(faults(endpoint)).toEqual([pointer]),
  );

  it('are repeated in no refusal', () => {
    const read = subscriptionRequest.safeParse({ endpoint: { url, tls: { certificate: 'x', key: 'hunter22' } } });
    expect(JSON.stringify(read.error?.issues)).not.toContain('hunter22');
  });
});
