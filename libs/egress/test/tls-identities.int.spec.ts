// Real: TLS over sockets on 127.0.0.1, certificates (see certificates/make.sh), undici. Scripted: the receivers.
import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createEndpointSender, type EndpointSender } from '../src/index.js';
import { OK, type ScriptedReceiver, startReceiver } from './scripted-receiver.js';
import { policyAllowing, postTo } from './senders.js';

const pem = (name: string) => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');
const authority = pem('authority');
const client = (name: string) => ({ ca: authority, cert: pem(name), key: pem(`${name}-key`) });

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

function sending(): EndpointSender {
  const sender = createEndpointSender({ policy: policyAllowing('127.0.0.0/8') });
  open.unshift(sender);
  return sender;
}

/** A receiver that wants a certificate, and answers with whose it was. */
async function demanding(): Promise<ScriptedReceiver> {
  const tls = {
    cert: pem('server'),
    key: pem('server-key'),
    ca: authority,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const receiver = await startReceiver(async ({ socket, request }) => {
    for (;;) {
      await request();
      const name = socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : '';
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`);
    }
  }, tls);
  open.push(receiver);
  return receiver;
}

async function trusting(cert: string, key: string): Promise<ScriptedReceiver> {
  const receiver = await startReceiver(
    async ({ socket, request }) => {
      for (;;) {
        await request();
        socket.write(OK);
      }
    },
    { cert: pem(cert), key: pem(key) },
  );
  open.push(receiver);
  return receiver;
}

const postAs = (url: string, owner: string, settings: object) => postTo(url, { tls: { owner, settings } });

describe('an endpoint with certificates of its own', () => {
  it('is shown the client certificate of the subscription whose request it is, over connections of its own', async () => {
    const receiver = await demanding();
    const sender = sending();
    const bodies: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (const name of ['client', 'other-client']) {
        const outcome = await sender.sendRequest(postAs(receiver.url, name, client(name)));
        bodies.push(outcome.kind === 'response' ? outcome.body.toString() : outcome.kind);
      }
    }
    expect(bodies).toEqual(Array.from({ length: 5 }, () => ['client', 'other-client']).flat());
    expect(receiver.accepted).toBeLessThanOrEqual(4);
  });

  it('lets nobody else in over a connection that was made with a certificate', async () => {
    const receiver = await demanding();
    const sender = sending();
    expect(await sender.sendRequest(postAs(receiver.url, 'a', client('client')))).toMatchObject({ status: 200 });
    const without = await sender.sendRequest(postAs(receiver.url, 'b', { ca: authority }));
    // By TLS 1.3 the receiver refuses after the handshake: as an alert, or by hanging up.
    expect(without).toMatchObject({ kind: 'failure', class: expect.stringMatching(/^(tls|reset)$/) });
    expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ kind: 'failure', class: 'tls' });
  });

  it('sees another certificate from the next request on, and no open connection of the former', async () => {
    const receiver = await demanding();
    const sender = sending();
    await sender.sendRequest(postAs(receiver.url, 'a', client('client')));
    const outcome = await sender.sendRequest(postAs(receiver.url, 'a', client('other-client')));
    expect(outcome).toMatchObject({ body: Buffer.from('other-client') });
    sender.forget('a');
    await receiver.idle();
  });

  it('is trusted by the authority that its subscription names, and by no other subscription', async () => {
    const receiver = await trusting('server', 'server-key');
    const sender = sending();
    expect(await sender.sendRequest(postAs(receiver.url, 'a', { ca: authority }))).toMatchObject({ status: 200 });
    expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ class: 'tls' });
    expect(await sender.sendRequest(postAs(receiver.url, 'b', { ca: pem('certificate') }))).toMatchObject({
      class: 'tls',
    });
  });

  it('may be self-signed where its subscription trusts that very certificate', async () => {
    const receiver = await trusting('certificate', 'key');
    const sender = sending();
    expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({
      class: 'tls',
      message: 'the endpoint cannot be trusted: its certificate is self-signed',
    });
    expect(await sender.sendRequest(postAs(receiver.url, 'a', { ca: pem('certificate') }))).toMatchObject({
      status: 200,
    });
  });

  it('gets nothing where certificate and key make none', async () => {
    const receiver = await demanding();
    const broken = { ...client('client'), key: pem('other-client-key') };
    expect(await sending().sendRequest(postAs(receiver.url, 'a', broken))).toMatchObject({ class: 'tls' });
    expect(receiver.accepted).toBe(0);
  });
});

describe('an endpoint that is called by https only', () => {
  it('gets nothing by http', async () => {
    const url = 'http://127.0.0.1:9/';
    expect(await sending().sendRequest(postTo(url, { httpsOnly: true }))).toMatchObject({ class: 'invalid-url' });
  });
});
