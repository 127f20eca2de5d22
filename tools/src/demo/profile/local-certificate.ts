import { generate } from 'selfsigned';

/** In PEM. */
export interface LocalCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for 127.0.0.1, made anew: who trusts it trusts nobody else. */
export async function makeLocalCertificate(): Promise<LocalCertificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'hookstream-demo' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { cert, key };
}
