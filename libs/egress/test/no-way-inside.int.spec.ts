// Promise: no request to a forbidden address, by any spelling, DNS answer, redirect or reused connection.
// Real: sockets on 127.0.0.0/8, the system's resolver, undici. Injected: DNS answers, and once the TCP connection.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCheckedConnector } from '../src/checked-connector.js';
import { type HttpSender } from '../src/index.js';
import { OK, type ScriptedReceiver, answering, startReceiver } from './scripted-receiver.js';
import { answersInTurn, policyAllowing, postTo, senderAllowing } from './senders.js';

let receiver: ScriptedReceiver;
let sender: HttpSender | undefined;

beforeEach(async () => {
  receiver = await startReceiver(answering(OK));
});
afterEach(async () => {
  await sender?.close();
  await receiver.close();
});

const send = (allow: string, url: string, resolve?: ReturnType<typeof answersInTurn>) => {
  sender = senderAllowing(allow, resolve === undefined ? {} : { resolve });
  return sender.sendRequest(postTo(url));
};

describe('a forbidden address is not dialled', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
  ])('when it is written %s', async (host) => {
    const outcome = await send('', `http://${host}:${receiver.port}/`);
    expect(outcome).toMatchObject({
      kind: 'failure',
      class: 'refused-address',
      message: expect.stringMatching(/HOOKSTREAM_EGRESS_ALLOW/),
    });
    expect(receiver.accepted).toBe(0);
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.'])('when the system resolves %s to it', async (host) => {
    expect(await send('', `http://${host}:${receiver.port}/`)).toMatchObject({ kind: 'failure' });
    expect(receiver.accepted).toBe(0);
  });

  it.each([[['127.0.0.1']], [['::1', '127.0.0.1']], [['::ffff:127.0.0.1']], [['10.0.0.1', '169.254.169.254']]])(
    'when a name leads to %j, and the message does not say where it leads',
    async (answer) => {
      const outcome = await send('', `http://a.test:${receiver.port}/`, answersInTurn(answer));
      expect(outcome).toMatchObject({ class: 'refused-address' });
      for (const address of answer) expect(JSON.stringify(outcome)).not.toContain(address);
      expect(receiver.accepted).toBe(0);
    },
  );

  it('when the name is bound to it after a request that was allowed', async () => {
    const lastRequest = await startReceiver(
      answering('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
    );
    sender = senderAllowing('127.0.0.1', { resolve: answersInTurn(['127.0.0.1'], ['127.0.0.2']) });
    const request = postTo(`http://a.test:${lastRequest.port}/`);
    expect(await sender.sendRequest(request)).toMatchObject({ status: 200 });
    expect(await sender.sendRequest(request)).toMatchObject({ class: 'refused-address' });
    expect(lastRequest.accepted).toBe(1);
    await lastRequest.close();
  });

  it('when only other addresses of the name are allowed: those are dialled', async () => {
    const outcome = await send(
      '127.0.0.1',
      `http://a.test:${receiver.port}/`,
      answersInTurn(['10.0.0.1', '127.0.0.1']),
    );
    expect(outcome).toMatchObject({ status: 200 });
  });

  it('when environment variables name a proxy there', async () => {
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = `http://127.0.0.1:${receiver.port}`;
    try {
      expect(await send('', 'http://a.test/', answersInTurn([]))).toMatchObject({ class: 'dns' });
      expect(receiver.accepted).toBe(0);
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });
});

describe('a connection that led to a forbidden address after all', () => {
  it.each(['http:', 'https:'])('is closed before a byte is written (%s)', async (protocol) => {
    const connector = createCheckedConnector({
      policy: policyAllowing(''),
      resolve: answersInTurn(['8.8.8.8']),
      connectTimeoutMs: 1_000,
      tls: {},
      dial: () => connect({ host: '127.0.0.1', port: receiver.port }),
    });
    const error = await new Promise((resolve) => {
      connector.connect({ hostname: 'a.test', protocol, port: '' }, (...[failure]) => resolve(failure));
    });
    expect(error).toMatchObject({ failureClass: 'refused-address' });
    await receiver.idle();
    expect(receiver.bytesReceived).toBe(0);
  });
});

describe('an allowed block', () => {
  it('is dialled by literal and by name', async () => {
    expect(await send('127.0.0.0/8', receiver.url)).toMatchObject({ status: 200 });
    await sender?.close();
    const outcome = await send('127.0.0.0/8', `http://a.test:${receiver.port}/`, answersInTurn(['127.0.0.1']));
    expect(outcome).toMatchObject({ status: 200 });
  });

  it('is dialled at its next address where one does not answer', async () => {
    const answer = answersInTurn(['127.0.0.9', '127.0.0.1']);
    expect(await send('127.0.0.0/8', `http://a.test:${receiver.port}/`, answer)).toMatchObject({ status: 200 });
  });
});
