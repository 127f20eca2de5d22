// Real: sockets on 127.0.0.1, undici. Scripted: the receivers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type HttpSender } from '../src/index.js';
import { OK, type Script, type ScriptedReceiver, answering, startReceiver } from './scripted-receiver.js';
import { postTo, senderAllowing } from './senders.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function receiving(script: Script): Promise<ScriptedReceiver> {
  const receiver = await startReceiver(script);
  open.push(receiver);
  return receiver;
}

function sending(...args: Parameters<typeof senderAllowing>): HttpSender {
  const sender = senderAllowing(...args);
  open.unshift(sender);
  return sender;
}

describe('a request that may not begin any more', () => {
  it('is not written to a connection that was kept, which serves the next one', async () => {
    const receiver = await receiving(answering(OK));
    const sender = sending('127.0.0.0/8');
    expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ status: 200 });
    const before = receiver.bytesReceived;
    expect(await sender.sendRequest(postTo(receiver.url), () => false)).toEqual({ kind: 'withheld' });
    expect(receiver.bytesReceived).toBe(before);
    expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ status: 200 });
    expect(receiver.accepted).toBeLessThanOrEqual(2);
  });

  it('is not written to a connection that was made for it: it is asked after resolving and connecting', async () => {
    const receiver = await receiving(answering(OK));
    const steps: string[] = [];
    const sender = sending('127.0.0.0/8', {
      resolve: async () => {
        await Promise.resolve();
        steps.push('resolved');
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const outcome = await sender.sendRequest(postTo(`http://receiver.test:${receiver.port}/`), () => {
      steps.push(`asked with ${receiver.accepted > 0 ? 'a' : 'no'} connection`);
      return false;
    });
    expect(outcome).toEqual({ kind: 'withheld' });
    expect(steps).toEqual(['resolved', 'asked with a connection']);
    expect(receiver.bytesReceived).toBe(0);
  });

  it('is not written when the one before it on the connection is answered', async () => {
    let mayBegin = true;
    const requests: string[] = [];
    const receiver = await receiving(async ({ socket, request }) => {
      for (;;) {
        requests.push(await request());
        mayBegin = false;
        socket.write(OK);
      }
    });
    const sender = sending('127.0.0.0/8', { connectionsPerOrigin: 1 });
    const first = sender.sendRequest(postTo(receiver.url), () => mayBegin);
    const queued = Array.from({ length: 5 }, () => sender.sendRequest(postTo(receiver.url), () => mayBegin));
    expect(await first).toMatchObject({ status: 200 });
    expect(await Promise.all(queued)).toEqual(Array.from({ length: 5 }, () => ({ kind: 'withheld' })));
    expect(requests).toHaveLength(1);
  });

  it('is withheld too where no connection came about meanwhile: that is no failure of the endpoint', async () => {
    const receiver = await startReceiver(answering(OK));
    await receiver.close();
    const sender = sending('127.0.0.0/8');
    expect(await sender.sendRequest(postTo(receiver.url), () => false)).toEqual({ kind: 'withheld' });
    expect(await sender.sendRequest(postTo(receiver.url), () => true)).toMatchObject({ class: 'connect' });
  });
});

/** A server in a process of its own, which says that it was asked and answers 100 ms later. */
const SLOW_SERVER = `
  const server = require('node:http').createServer((request, response) => {
    process.stdout.write('asked');
    setTimeout(() => response.end('ok'), 100);
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)));
`;

describe('a response that came in time, while this process was at work until after the deadline', () => {
  it('is read before the deadline is told', async () => {
    const server = spawn(process.execPath, ['-e', SLOW_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
    open.push({ close: async () => void (server.kill() && (await once(server, 'exit'))) });
    const port = String(await once(server.stdout, 'data'));
    const sender = sending('127.0.0.0/8');
    const outcome = sender.sendRequest(postTo(`http://127.0.0.1:${port}/`));
    await once(server.stdout, 'data');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
    expect(await outcome).toMatchObject({ status: 200 });
  });
});

describe('a request', () => {
  it('reaches the receiver as it was given, with nothing added but host, connection and content-length', async () => {
    const requests: string[] = [];
    const receiver = await receiving(async ({ socket, request }) => {
      requests.push(await request());
      socket.write(
        'HTTP/1.1 201 Created\r\nX-One: 1\r\nset-cookie: a\r\nSet-Cookie: b\r\ncontent-length: 3\r\n\r\nyes',
      );
    });
    let ms = 0;
    const sender = sending('127.0.0.0/8', { now: () => (ms += 5) });

    const outcome = await sender.sendRequest(
      postTo(`${receiver.url}?q=1#no`, {
        method: 'PUT',
        headers: { 'Webhook-Id': 'dlv_1' },
        body: Buffer.from('grüß'),
      }),
    );

    expect(requests).toEqual([
      [
        'PUT /hook?q=1 HTTP/1.1',
        `host: 127.0.0.1:${receiver.port}`,
        'connection: keep-alive',
        'Webhook-Id: dlv_1',
        'content-length: 6',
        '',
        Buffer.from('grüß').toString('latin1'),
      ].join('\r\n'),
    ]);
    expect(outcome).toEqual({
      kind: 'response',
      status: 201,
      headers: { 'x-one': '1', 'set-cookie': 'a, b', 'content-length': '3' },
      body: Buffer.from('yes'),
      bodyTruncated: false,
      durationMs: 5,
    });
  });

  it('without a body says so', async () => {
    const receiver = await receiving(async ({ socket, request }) => {
      const head = await request();
      socket.write(head.includes('content-length: 0') ? OK : 'HTTP/1.1 400 Bad\r\n\r\n');
    });
    const outcome = await sending('127.0.0.0/8').sendRequest(postTo(receiver.url, { body: Buffer.alloc(0) }));
    expect(outcome).toMatchObject({ status: 200 });
  });

  it('uses a connection that was kept', async () => {
    const receiver = await receiving(answering(OK));
    const sender = sending('127.0.0.0/8');
    for (let i = 0; i < 50; i += 1) {
      expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ status: 200 });
    }
    // Two, because a connection is free only one turn of the event loop after its response.
    expect(receiver.accepted).toBeLessThanOrEqual(2);
  });

  it('waits for a connection where the origin has as many as it may have', async () => {
    const receiver = await receiving(answering(OK));
    const sender = sending('127.0.0.0/8', { connectionsPerOrigin: 3 });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => sender.sendRequest(postTo(receiver.url))));
    expect(outcomes.filter((outcome) => outcome.kind === 'response')).toHaveLength(50);
    expect(receiver.accepted).toBe(3);
  });

  it('that waited too long for a connection costs neither the connection nor the next request', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const requests: string[] = [];
    const receiver = await receiving(async ({ socket, request }) => {
      for (;;) {
        requests.push(await request());
        await released;
        socket.write(OK);
      }
    });
    const sender = sending('127.0.0.0/8', { connectionsPerOrigin: 1 });
    const slow = sender.sendRequest(postTo(receiver.url, { timeoutMs: 5_000 }));
    const late = await sender.sendRequest(postTo(receiver.url, { headers: { late: 'yes' } }));
    expect(late).toMatchObject({ class: 'timeout', message: 'no connection was ready within 1 s' });

    release();
    expect(await slow).toMatchObject({ status: 200 });
    expect(await sender.sendRequest(postTo(receiver.url))).toMatchObject({ status: 200 });
    expect(receiver.accepted).toBe(1);
    expect(requests.join()).not.toContain('late');
  });
});

describe('a response', () => {
  it.each([
    ['204 No Content', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
    ['304 Not Modified', 'HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n', 304, ''],
    ['500 with a body', 'HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\nbang', 500, 'bang'],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n', 200, 'abc'],
    ['after early hints', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}`, 200, 'ok'],
    ['with bytes outside ASCII', 'HTTP/1.1 200 \xfc\r\nx: \xfc\x80\r\ncontent-length: 1\r\n\r\n\xff', 200, '\xff'],
  ])('%s is received whole', async (_, bytes, status, body) => {
    const receiver = await receiving(answering(Buffer.from(bytes, 'latin1')));
    const outcome = await sending('127.0.0.0/8').sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({
      kind: 'response',
      status,
      body: Buffer.from(body, 'latin1'),
      bodyTruncated: false,
    });
  });

  it('may end with the connection', async () => {
    const receiver = await receiving(async ({ socket, request }) => {
      await request();
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end');
    });
    const outcome = await sending('127.0.0.0/8').sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ status: 200, body: Buffer.from('until the end') });
  });

  it('that redirects is handed back and not followed', async () => {
    const elsewhere = await receiving(answering(OK));
    const receiver = await receiving(
      answering(`HTTP/1.1 307 Go\r\nlocation: ${elsewhere.url}\r\ncontent-length: 0\r\n\r\n`),
    );
    const outcome = await sending('127.0.0.0/8').sendRequest(postTo(receiver.url));
    expect(outcome).toMatchObject({ status: 307, headers: { location: elsewhere.url } });
    expect(elsewhere.accepted).toBe(0);
  });

  it('is kept up to 16 KiB, read up to 64 KiB, and leaves the connection usable', async () => {
    const body = Buffer.alloc(64 * 1024, 'x');
    const receiver = await receiving(async ({ socket, request }) => {
      for (;;) {
        await request();
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.write(body);
      }
    });
    const sender = sending('127.0.0.0/8');
    for (let i = 0; i < 10; i += 1) {
      const outcome = await sender.sendRequest(postTo(receiver.url));
      expect(outcome).toMatchObject({ status: 200, body: body.subarray(0, 16 * 1024), bodyTruncated: true });
    }
    expect(receiver.accepted).toBeLessThanOrEqual(2);
  });
});

describe('closing the sender', () => {
  it('waits for what is under way, leaves no connection and takes no more', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const receiver = await receiving(async ({ socket, request }) => {
      await request();
      await released;
      socket.write(OK);
    });
    const sender = sending('127.0.0.0/8');
    const underWay = sender.sendRequest(postTo(receiver.url));
    const closed = sender.close();
    await expect(sender.sendRequest(postTo(receiver.url))).rejects.toThrow('closed');
    release();
    expect(await underWay).toMatchObject({ status: 200 });
    await closed;
    await receiver.idle();
  });
});
