import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { workspaceRoot } from '@hookstream/testing';

const pem = (name: string) =>
  readFileSync(join(workspaceRoot(), 'libs/egress/test/certificates', `${name}.pem`), 'utf8');

/** What its caller must have. */
export const CLIENT_TLS = { ca: pem('authority'), certificate: pem('client'), key: pem('client-key') };

/** A receiver that lets in who shows a certificate of its authority, and nobody else. */
export async function startDemandingReceiver() {
  const ca = pem('authority');
  const tls = { cert: pem('server'), key: pem('server-key'), ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, (request, response) => {
    request.resume().on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/mtls`,
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
