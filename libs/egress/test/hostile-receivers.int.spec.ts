// Real: sockets on 127.0.0.1, TLS, undici. Scripted: the receivers.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type HttpSender } from '../src/index.js';
import { OK, type Script, type ScriptedReceiver, answering, startReceiver } from './scripted-receiver.js';
import { answersInTurn, postTo, senderAllowing } from './senders.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function receiving(...args: Parameters<typeof startReceiver>): Promise<ScriptedReceiver> {
  const receiver = await startReceiver(...args);
  open.push(receiver);
  return receiver;
}

function sending(options: Parameters<typeof senderAllowing>[1] = {}): HttpSender {
  const sender = senderAllowing('127.0.0.0/8', options);
  open.unshift(sender);
  return sender;
}

/** Writes the text again and again, as fast as the other side reads or once in an interval, until it hangs up. */
function forEver(text: string, everyMs?: number): Script {
  return async ({ socket, request }) => {
    await request();
    socket.write('HTTP/1.1 200 OK\r\n');
    if (everyMs !== undefined) {
      const timer = setInterval(() => socket.write(text), everyMs);
      socket.on('close', () => clearInterval(timer));
      return;
    }
    const pour = (): void => {
      while (socket.writable && socket.write(text));
    };
    socket.on('drain', pour);
    pour();
  };
}

describe('a receiver that takes its time is left at the deadline', () => {
  it.each([
    ['it never answers', () => undefined, 'the endpoint did not answer within 1 s'],
    ['it drips its headers', forEver('x-drip: 1\r\n', 50), 'the endpoint did not answer within 1 s'],
    [
      'it drips its body',
      async ({ socket, request }) => {
        await request();
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
        const timer = setInterval(() => socket.write('.'), 50);
        socket.on('close', () => clearInterval(timer));
      },
      'status 200 came, but the response did not end within 1 s',
    ],
  ] as readonly (readonly [string, Script, string])[])('when %s', async (_, script, message) => {
    const receiver = await receiving(script);
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ kind: 'failure', class: 'timeout', message });
    const { durationMs } = { durationMs: 0, ...outcome };
    expect(durationMs).toBeGreaterThanOrEqual(995);
    expect(durationMs).toBeLessThan(1_500);
    await receiver.idle();
  });

  it('when it never finishes the TLS handshake', async () => {
    const receiver = await receiving(() => undefined);
    const outcome = await sending().sendRequest(postTo(receiver.url.replace('http:', 'https:')));
    expect(outcome).toMatchObject({ class: 'timeout', message: 'no connection was ready within 1 s' });
  });

  it('when its name server never answers', async () => {
    const outcome = await sending({ resolve: () => new Promise(() => undefined) }).sendRequest(
      postTo('http://a.test/'),
    );
    expect(outcome).toMatchObject({ class: 'timeout', message: 'no connection was ready within 1 s' });
  });

  it('or earlier, when no connection is made within the connect timeout', async () => {
    const sender = sending({ resolve: () => new Promise(() => undefined), connectTimeoutMs: 50 });
    const outcome = await sender.sendRequest(postTo('http://a.test/'));
    expect(outcome).toMatchObject({ class: 'timeout', message: 'no connection could be made within 0.05 s' });
  });

  it('though a deadline beyond 30 s or below 0.1 s is asked for', async () => {
    const receiver = await receiving(() => undefined);
    const outcome = await sending().sendRequest(postTo(receiver.url, { timeoutMs: 1 }));
    expect(outcome).toMatchObject({ class: 'timeout', message: 'the endpoint did not answer within 0.1 s' });
  });
});

describe('a receiver that sends too much', () => {
  it('in its body is cut off after 64 KiB and still has its answer', async () => {
    const receiver = await receiving(forEver(`\r\n${'x'.repeat(16_384)}`));
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ kind: 'response', status: 200, bodyTruncated: true });
    expect(outcome.kind === 'response' && outcome.body.length).toBe(16 * 1024);
    await receiver.idle();
  });

  it('and announces it is cut off as soon as enough is kept', async () => {
    const receiver = await receiving(async ({ socket, request }) => {
      await request();
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n${'x'.repeat(16 * 1024)}`);
    });
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ kind: 'response', status: 200, bodyTruncated: true });
    await receiver.idle();
  });

  it.each([
    ['in its headers', forEver(`x-bomb: ${'x'.repeat(1_000)}\r\n`), "the response's headers are larger than 16 KiB"],
    ['in one header', forEver('x'.repeat(1_000)), "the response's headers are larger than 16 KiB"],
    [
      'in informational responses',
      answering('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
      'the endpoint sends informational responses without end',
    ],
  ] as readonly (readonly [string, Script, string])[])('%s breaks the protocol', async (_, script, message) => {
    const receiver = await receiving(script);
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ kind: 'failure', class: 'protocol', message });
    await receiver.idle();
  });
});

describe('a receiver that does not keep to HTTP/1.1', () => {
  it.each([
    ['speaks another protocol', '220 smtp ready\r\n'],
    ['sends a bad length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['switches protocols', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['asks to continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['sends a bad chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('and %s breaks the protocol', async (_, bytes) => {
    const receiver = await receiving(answering(bytes));
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ kind: 'failure', class: 'protocol' });
    await receiver.idle();
  });

  it('and announces two lengths is a failure, whatever comes', async () => {
    const receiver = await receiving(answering('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'));
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ kind: 'failure', message: 'the response does not match its content-length' });
  });

  it('sending more than one response gets no second request on that connection', async () => {
    const receiver = await receiving(answering(OK + OK));
    const sender = sending();
    for (let i = 0; i < 3; i += 1)
      expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ status: 200 });
    expect(receiver.accepted).toBe(3);
  });
});

describe('a connection that breaks', () => {
  it.each([
    ['before the response', ''],
    ['in its head', 'HTTP/1.1 200 OK\r\nx-h'],
    ['in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
    ['in its chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc'],
  ])('%s is a reset, by RST or by FIN', async (_, bytes) => {
    for (const hangUp of ['resetAndDestroy', 'end'] as const) {
      const receiver = await receiving(async ({ socket, request }) => {
        await request();
        socket.write(bytes, () => socket[hangUp]());
      });
      const outcome = await sending().sendRequest(postTo(receiver.url));
      expect(outcome).toMatchObject({ kind: 'failure', class: 'reset' });
    }
  });

  it('while it was idle does not harm the next request', async () => {
    const receiver = await receiving(async ({ socket, request }) => {
      await request();
      socket.write(OK, () => socket.end());
    });
    const sender = sending();
    for (let i = 0; i < 3; i += 1) {
      expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ status: 200 });
      await receiver.idle();
    }
  });

  it('or is never made is told apart', async () => {
    const receiver = await receiving(answering(OK));
    await receiver.close();
    open.splice(open.indexOf(receiver), 1);
    expect(await sending().sendRequest(postTo(receiver.url))).toMatchObject({
      class: 'connect',
      message: 'the connection was refused',
    });
  });
});

describe('TLS', () => {
  const key = readFileSync(new URL('certificates/key.pem', import.meta.url), 'utf8');
  const cert = readFileSync(new URL('certificates/certificate.pem', import.meta.url), 'utf8');
  const secure = (): Promise<ScriptedReceiver> => receiving(answering(OK), { key, cert });
  const resolve = answersInTurn(['127.0.0.1']);

  it('reaches a receiver whose certificate is trusted, by name and by address', async () => {
    const receiver = await secure();
    const sender = sending({ tls: { ca: cert }, resolve });
    for (const url of [receiver.url, `https://endpoint.test:${receiver.port}/`]) {
      for (let i = 0; i < 10; i += 1) expect(await sender.sendRequest(postTo(url))).toMatchObject({ status: 200 });
    }
    expect(receiver.accepted).toBeLessThanOrEqual(4);
  });

  it('refuses a self-signed certificate, and writes nothing to its holder', async () => {
    const receiver = await secure();
    const outcome = await sending().sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({
      class: 'tls',
      message: 'the endpoint cannot be trusted: its certificate is self-signed',
    });
    expect(receiver.bytesReceived).toBe(0);
  });

  it('refuses a certificate for another name, and writes nothing to its holder', async () => {
    const receiver = await secure();
    const sender = sending({ tls: { ca: cert }, resolve });
    const outcome = await sender.sendRequest(postTo(`https://other.test:${receiver.port}/`));
    expect(outcome).toMatchObject({
      class: 'tls',
      message: 'the endpoint cannot be trusted: its certificate is for another name',
    });
    expect(receiver.bytesReceived).toBe(0);
  });

  it('fails where the receiver does not speak it', async () => {
    const receiver = await receiving(({ socket }) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const outcome = await sending().sendRequest(postTo(receiver.url.replace('http:', 'https:')));
    expect(outcome).toMatchObject({ class: 'tls' });
  });

  it('fails where the receiver hangs up during the handshake', async () => {
    const receiver = await receiving(({ socket }) => void socket.end());
    const outcome = await sending().sendRequest(postTo(receiver.url.replace('http:', 'https:')));
    expect(outcome).toMatchObject({ class: 'tls', message: 'the connection was closed during the TLS handshake' });
  });
});

describe('a request that cannot be written', () => {
  it.each([
    ['a line break in a header', { 'x-secret': 'hunter2\r\nx: y' }],
    ['a header name with a space', { 'x secret': 'hunter2' }],
    ['a header outside latin1', { 'x-secret': 'hunter2 ✓' }],
  ])('with %s is a failure that does not repeat its value', async (_, headers) => {
    const receiver = await receiving(answering(OK));
    const outcome = await sending().sendRequest(postTo(receiver.url, { headers }));
    expect(outcome).toMatchObject({ kind: 'failure', class: 'invalid-request' });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect(receiver.accepted).toBe(0);
  });
});
