// Real: sockets on 127.0.0.1, axios. Scripted: the servers.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSmallExchange } from '../src/index.js';
import { OK, type Script, type ScriptedReceiver, answering, startReceiver } from './scripted-receiver.js';
import { answersInTurn, policyAllowing } from './senders.js';

const open: ScriptedReceiver[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serving(script: Script, ...tls: [] | [Parameters<typeof startReceiver>[1]]): Promise<ScriptedReceiver> {
  const server = await startReceiver(script, ...tls);
  open.push(server);
  return server;
}

const exchange = (allow = '127.0.0.0/8') => createSmallExchange({ policy: policyAllowing(allow) });
const request = (url: string, timeoutMs = 2_000) => ({
  url,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', authorization: 'Basic x' },
  body: 'a=1',
  timeoutMs,
});

describe('a small exchange', () => {
  it('posts the bytes it was given and reads the answer', async () => {
    const requests: string[] = [];
    const server = await serving(async ({ socket, request: next }) => {
      requests.push(await next());
      socket.write('HTTP/1.1 401 No\r\nX-Why: y\r\ncontent-length: 2\r\n\r\nno');
    });
    expect(await exchange().post(request(server.url))).toMatchObject({
      kind: 'response',
      status: 401,
      headers: { 'x-why': 'y' },
      body: Buffer.from('no'),
    });
    expect(requests[0]).toMatch(/^POST \/hook HTTP\/1\.1\r\n/);
    expect(requests[0]).toMatch(/content-type: application\/x-www-form-urlencoded\r\n/i);
    expect(requests[0]).toMatch(/\r\n\r\na=1$/);
  });

  it('leaves no connection behind', async () => {
    const server = await serving(answering(OK));
    await exchange().post(request(server.url));
    await server.idle();
  });

  it.each(['http://127.0.0.1:9/', 'http://2130706433:9/', 'https://[::ffff:127.0.0.1]:9/', 'http://169.254.169.254/'])(
    'calls no address that deliveries may not reach: %s',
    async (url) => {
      expect(await exchange('').post(request(url))).toMatchObject({ kind: 'failure', class: 'refused-address' });
    },
  );

  it('dials the address that was checked, whatever the name says next', async () => {
    const server = await serving(answering(OK));
    const resolve = answersInTurn(['127.0.0.1'], ['10.0.0.1']);
    const client = createSmallExchange({ policy: policyAllowing('127.0.0.0/8'), resolve });
    const { port } = server;
    expect(await client.post(request(`http://tokens.test:${port}/`))).toMatchObject({ status: 200 });
    expect(await client.post(request(`http://tokens.test:${port}/`))).toMatchObject({ class: 'refused-address' });
  });

  it('does not follow', async () => {
    const elsewhere = await serving(answering(OK));
    const server = await serving(
      answering(`HTTP/1.1 307 Go\r\nlocation: ${elsewhere.url}\r\ncontent-length: 0\r\n\r\n`),
    );
    expect(await exchange().post(request(server.url))).toMatchObject({ status: 307 });
    expect(elsewhere.accepted).toBe(0);
  });

  it('gives up a server that drips after its deadline, one that floods, and one that is not trusted', async () => {
    const drips = await serving(async ({ socket, request: next }) => {
      await next();
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const floods = await serving(answering(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(100_000)}`));
    const certificate = (name: string) => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');
    const selfSigned = await serving(answering(OK), { cert: certificate('certificate'), key: certificate('key') });
    expect(await exchange().post(request(drips.url, 300))).toMatchObject({ class: 'timeout' });
    expect(await exchange().post(request(floods.url))).toMatchObject({ class: 'protocol' });
    expect(await exchange().post(request(selfSigned.url))).toMatchObject({ class: 'tls' });
  });

  it('reads a resource whole, in plain bytes, and no more of it than there is room for', async () => {
    const requests: string[] = [];
    const server = await serving(async ({ socket, request: next }) => {
      requests.push(await next());
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(100_000)}`);
    });
    const taken: number[] = [];
    const asked = { url: server.url, headers: {}, timeoutMs: 2_000, mayTake: (bytes: number) => taken.push(bytes) > 0 };
    expect(await exchange().get({ ...asked, maxBodyBytes: 100_000 })).toMatchObject({
      body: Buffer.alloc(100_000, 'x'),
    });
    expect(taken.reduce((sum, bytes) => sum + bytes)).toBe(100_000);
    expect(requests[0]).toMatch(/^GET \/hook HTTP\/1\.1\r\n/);
    expect(requests[0]).toMatch(/accept-encoding: identity\r\n/i);
    expect(await exchange().get({ ...asked, maxBodyBytes: 99_999 })).toMatchObject({ class: 'protocol' });
    const full = { ...asked, maxBodyBytes: 100_000, mayTake: () => false };
    expect(await exchange().get(full)).toMatchObject({
      class: 'protocol',
      message: expect.stringContaining('no memory'),
    });
    expect(await exchange('').get({ ...asked, maxBodyBytes: 1 })).toMatchObject({ class: 'refused-address' });
    await server.idle();
  });
});
