import { describe, expect, it } from '@jest/globals';
import type { Delivery } from '@hookstream/contracts';
import type { EndpointAuth, EndpointTls } from '@hookstream/domain';
import type { HttpOutcome, OutboundRequest } from '@hookstream/egress';
import { NOW_MS, aDocument, aDueDelivery } from '@hookstream/testing';
import { AccessTokens, type TokenAnswer } from '../core/access-tokens.js';
import { WebhookAttempts } from './webhook-attempts.js';

const oauth: EndpointAuth = {
  type: 'oauth2-client-credentials',
  tokenUrl: 'https://tokens.example/token',
  clientId: 'hooks',
  clientAuthentication: 'client_secret_basic',
  sealed: 'client secret',
};
const answerOf = (status: number, body = '', headers: Record<string, string> = {}): HttpOutcome => ({
  kind: 'response',
  status,
  headers,
  body: Buffer.from(body, 'latin1'),
  bodyTruncated: false,
  durationMs: 1,
});

interface Scripted {
  readonly auth?: EndpointAuth;
  readonly tls?: EndpointTls;
  readonly answers?: readonly HttpOutcome[];
  readonly tokens?: readonly TokenAnswer[];
  readonly mayBegin?: () => boolean;
  readonly delivery?: Delivery;
}

/** One attempt by scripted answers; each token is eleven seconds older than the one before. */
async function attempt({
  auth,
  tls,
  answers = [answerOf(200)],
  tokens = [],
  mayBegin = () => true,
  delivery = aDueDelivery(),
}: Scripted) {
  const sent: OutboundRequest[] = [];
  const issued = [...tokens];
  const clock = { ms: 0 };
  const attempts = new WebhookAttempts({
    sender: {
      sendRequest: (request, may = () => true) => {
        if (!may()) return Promise.resolve({ kind: 'withheld' });
        sent.push(request);
        clock.ms += 11_000;
        return Promise.resolve(answers[sent.length - 1] ?? answerOf(200));
      },
    },
    tokens: new AccessTokens({
      ask: () => Promise.resolve(issued.shift() ?? { ok: false, message: 'none left' }),
      now: () => clock.ms,
      sleep: () => new Promise(() => undefined),
    }),
    templates: { render: () => Promise.resolve({ kind: 'failed', message: 'none here' }) },
    entities: { read: () => Promise.reject(new Error('not expected')) },
    maxBodyBytes: 100,
    userAgent: 'Hookstream/1',
  });
  const document = aDocument({ endpoint: { ...(auth && { auth }), ...(tls && { tls, httpsOnly: true }) } });
  const open = (sealed: string) => Buffer.from(sealed);
  const prepared = await attempts.prepare(delivery, { kind: 'subscription', document, keys: () => [], open }, NOW_MS);
  if (!prepared.ok) throw new Error(prepared.detail);
  return { told: prepared.request.headers, outcome: await prepared.send(mayBegin), sent };
}

const token = (value: string): TokenAnswer => ({ ok: true, token: { value, lifetimeMs: 3_600_000 } });

describe('an attempt at an endpoint that wants to know its sender', () => {
  it.each<[EndpointAuth, string, string]>([
    [
      { type: 'basic', username: 'Aladdin', sealed: 'open sesame' },
      'authorization',
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    ],
    [{ type: 'bearer', sealed: 'tok-123' }, 'authorization', 'Bearer tok-123'],
    [{ type: 'header', name: 'X-Shop-Pass', sealed: 'secret value' }, 'x-shop-pass', 'secret value'],
  ])('is sent with what %j says, and told without', async (auth, name, value) => {
    const { told, sent } = await attempt({ auth });
    expect(sent[0]?.headers[name]).toBe(value);
    expect(told[name]).toBe('[redacted]');
    expect(JSON.stringify(told)).not.toContain(auth.sealed);
  });

  it('is told without the secrets that the endpoint repeats', async () => {
    const auth: EndpointAuth = { type: 'basic', username: 'Aladdin', sealed: 'öpen sesame' };
    const pair = Buffer.from('Aladdin:öpen sesame').toString('base64');
    const said = `\xff${pair} ${Buffer.from('öpen sesame').toString('latin1')}.`;
    const { outcome } = await attempt({ auth, answers: [answerOf(401, said, { echo: `Basic ${pair}` })] });
    expect(outcome).toMatchObject({
      headers: { echo: 'Basic [redacted]' },
      body: Buffer.from('\xff[redacted] [redacted].', 'latin1'),
    });
  });

  it('is made with the certificates of its subscription, and by https only, and tells neither key nor certificate', async () => {
    const tls = { ca: 'authority', certificate: 'certificate', sealed: 'private key' };
    const { sent, told } = await attempt({ tls, auth: { type: 'bearer', sealed: 'token-1' } });
    const settings = { ca: 'authority', cert: 'certificate', key: 'private key' };
    expect(sent[0]).toMatchObject({ httpsOnly: true, tls: { owner: 'sub_1', settings } });
    expect(JSON.stringify(told)).not.toMatch(/private key|certificate/);
    expect((await attempt({})).sent[0]).not.toHaveProperty('tls');
  });

  it('carries an access token, and another one once the endpoint refuses it', async () => {
    const { outcome, sent } = await attempt({
      auth: oauth,
      tokens: [token('one'), token('two')],
      answers: [answerOf(401), answerOf(204)],
    });
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two']);
    expect(sent[0]?.body).toEqual(sent[1]?.body);
    expect(outcome).toMatchObject({ status: 204 });
  });

  it('is refused where the second token is refused too, or there is none', async () => {
    const both = await attempt({
      auth: oauth,
      tokens: [token('one'), token('two')],
      answers: [answerOf(401), answerOf(401)],
    });
    expect([both.sent.length, both.outcome]).toEqual([2, expect.objectContaining({ status: 401 })]);
    const one = await attempt({ auth: oauth, tokens: [token('one')], answers: [answerOf(401)] });
    expect([one.sent.length, one.outcome]).toEqual([1, expect.objectContaining({ status: 401 })]);
  });

  it('does not come about without a token, which is no fault of the endpoint', async () => {
    const { outcome, sent } = await attempt({ auth: oauth });
    expect(sent).toEqual([]);
    expect(outcome).toMatchObject({ kind: 'failure', class: 'token', message: 'none left', notAsked: true });
  });

  it('was made where the second request may not begin any more, and was not where the first may not', async () => {
    let asked = 0;
    const script = { auth: oauth, tokens: [token('one'), token('two')], answers: [answerOf(401)] };
    expect((await attempt({ ...script, mayBegin: () => (asked += 1) === 1 })).outcome).toMatchObject({ status: 401 });
    expect((await attempt({ ...script, mayBegin: () => false })).outcome).toEqual({ kind: 'withheld' });
    expect((await attempt({ auth: oauth, mayBegin: () => false })).outcome).toEqual({ kind: 'withheld' });
  });
});

describe('an attempt that asks for the leave of an endpoint', () => {
  const { event } = aDueDelivery();
  const asking = { ...event, type: 'hookstream.handshake', subject: 'hooks.example.com' };

  it('shows the origin by OPTIONS, with the certificates of its subscription and without its credentials', async () => {
    const tls = { ca: 'authority', certificate: 'certificate', sealed: 'private key' };
    const delivery = aDueDelivery({ test: true, event: asking });
    const { sent, told } = await attempt({ auth: { type: 'bearer', sealed: 'token-1' }, tls, delivery });
    const headers = { 'webhook-request-origin': 'hooks.example.com', 'user-agent': 'Hookstream/1' };
    expect(sent).toMatchObject([{ method: 'OPTIONS', body: Buffer.alloc(0), tls: { owner: 'sub_1' } }]);
    expect([sent[0]?.headers, told]).toEqual([headers, headers]);
  });

  it('is no event of that type by a producer: that is delivered', async () => {
    const { sent } = await attempt({ delivery: aDueDelivery({ event: asking }) });
    expect(sent).toMatchObject([{ method: 'POST' }]);
  });
});
