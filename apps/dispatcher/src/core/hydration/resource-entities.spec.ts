import { describe, expect, it } from '@jest/globals';
import type { EndpointAuth, ResourceHydration } from '@hookstream/domain';
import type { HttpFailure, HttpResponse, ResourceRequest } from '@hookstream/egress';
import { NOW_MS, aDocument, aDueDelivery, anEvent } from '@hookstream/testing';
import { AccessTokens } from '../access-tokens.js';
import { renderable } from '../webhook-request.js';
import { EntityCache } from './entity-cache.js';
import { EntityMemory } from './entity-memory.js';
import { ResourceEntities } from './resource-entities.js';

const answerOf = (status: number, body = '', headers: Record<string, string> = {}): HttpResponse => ({
  kind: 'response',
  status,
  headers,
  body: Buffer.from(body),
  bodyTruncated: false,
  durationMs: 1,
});
const oauth: EndpointAuth = {
  type: 'oauth2-client-credentials',
  tokenUrl: 'https://tokens.example/token',
  clientId: 'hooks',
  clientAuthentication: 'client_secret_basic',
  sealed: 'sealed',
};
const failure: HttpFailure = { kind: 'failure', class: 'timeout', message: 'no whole answer came', durationMs: 1 };

function bed(part: Partial<ResourceHydration> = {}) {
  const hydrate: ResourceHydration = {
    url: 'https://api.example/invoices/{{event.subject}}',
    headers: { accept: 'application/vnd.x+json' },
    timeoutMs: 3_000,
    cacheMs: 0,
    notFound: 'null',
    ...part,
  };
  const asked: ResourceRequest[] = [];
  const clock = { ms: 0 };
  const state = { answer: (): HttpResponse | HttpFailure => answerOf(200, '{"state":"paid"}') };
  const memory = new EntityMemory();
  const entities = new ResourceEntities({
    get: (request) => {
      asked.push(request);
      const answer = state.answer();
      if (answer.kind === 'response') request.mayTake(answer.body.length);
      return Promise.resolve(answer);
    },
    tokens: new AccessTokens({
      ask: () => Promise.resolve({ ok: true, token: { value: 'token', lifetimeMs: 60_000 } }),
      now: () => clock.ms,
      sleep: () => new Promise(() => undefined),
    }),
    cache: new EntityCache(10_000),
    memory,
    userAgent: 'Hookstream/1',
    now: () => clock.ms,
  });
  const document = aDocument({ hydrate });
  const open = (sealed: string) => Buffer.from(sealed);
  const read = (subject?: string) =>
    entities.read(
      renderable(aDueDelivery({ event: anEvent({ ...(subject !== undefined && { subject }) }) })),
      { kind: 'subscription', document, keys: () => [], open },
      hydrate,
      NOW_MS,
    );
  return { read, asked, clock, state, memory };
}

describe('the entity of an event', () => {
  it('is what its resource answers, asked for anew each time', async () => {
    const { read, asked, state } = bed();
    expect(await read('inv 7')).toMatchObject({ kind: 'entity', json: Buffer.from('{"state":"paid"}') });
    state.answer = () => answerOf(200, '{"state":"cancelled"}');
    expect(await read('inv 7')).toMatchObject({ json: Buffer.from('{"state":"cancelled"}') });
    expect(asked.map(({ url }) => url)).toEqual(Array(2).fill('https://api.example/invoices/inv%207'));
    expect(asked[0]?.headers).toEqual({ accept: 'application/vnd.x+json', 'user-agent': 'Hookstream/1' });
  });

  it('serves again for as long as the settings allow, counted from when it was asked for', async () => {
    const { read, asked, clock } = bed({ cacheMs: 1_000 });
    await read('a');
    clock.ms = 999;
    expect(await read('a')).toMatchObject({ kind: 'entity' });
    await read('b');
    expect(asked).toHaveLength(2);
    clock.ms = 1_000;
    await read('a');
    expect(asked).toHaveLength(3);
  });

  it.each<[EndpointAuth, string]>([
    [{ type: 'bearer', sealed: 'secret-1' }, 'Bearer secret-1'],
    [oauth, 'Bearer token'],
  ])('is asked for with what %j says', async (auth, authorization) => {
    const { read, asked } = bed({ auth });
    expect(await read('a')).toMatchObject({ kind: 'entity' });
    expect(asked[0]?.headers.authorization).toBe(authorization);
  });

  it.each([404, 410])('is missing by a %i, and cannot be named by an event that does not say it', async (status) => {
    const { read, state, asked } = bed();
    state.answer = () => answerOf(status);
    expect(await read('a')).toMatchObject({ kind: 'missing' });
    expect(await read()).toEqual({ kind: 'unnamed', detail: 'the event has no usable event.subject' });
    expect(asked).toHaveLength(1);
  });

  it.each([
    [failure, 'no whole answer came', 0],
    [answerOf(500), 'answered 500', 0],
    [answerOf(302, '', { location: 'http://inside/' }), 'answered 302', 0],
    [answerOf(401), 'answered 401', 0],
    [answerOf(204), 'without JSON', 0],
    [answerOf(200, '<html>'), 'without JSON', 0],
    [answerOf(503, '', { 'retry-after': '30' }), 'answered 503', 30_000],
  ])('cannot be read now where the resource gives %j', async (answer, detail, againInMs) => {
    const { read, state, memory } = bed();
    state.answer = () => answer;
    const expected = { kind: 'unavailable', detail: expect.stringContaining(detail), againInMs };
    expect(await read('a')).toEqual(expected);
    expect(memory.bytes).toBe(0);
  });

  it('is not asked for by all who wait where its source fails again and again', async () => {
    const { read, asked, clock, state } = bed();
    state.answer = () => failure;
    for (let n = 0; n < 20; n += 1) await read('a');
    expect(asked).toHaveLength(5);
    clock.ms = 1_000;
    expect((await Promise.all([read('a'), read('b')])).map((one) => one.kind)).toEqual(['unavailable', 'unavailable']);
    expect(asked).toHaveLength(6);
    expect(await read('a')).toMatchObject({ againInMs: 2_000 });
    clock.ms = 3_000;
    state.answer = () => answerOf(200, '1');
    await read('a');
    expect((await Promise.all([read('a'), read('b')])).map((one) => one.kind)).toEqual(['entity', 'entity']);
  });

  it('takes its share of memory until it is released', async () => {
    const { read, memory } = bed();
    const one = await read('a');
    expect(memory.bytes).toBe(16);
    if (one.kind === 'entity') one.release();
    expect(memory.bytes).toBe(0);
  });
});

describe('memory for entities', () => {
  it('is shared out, so that one source leaves some to the others', () => {
    const memory = new EntityMemory({ totalBytes: 100, sourceBytes: 60 });
    const [a, b, c] = [memory.hold('a'), memory.hold('b'), memory.hold('b')];
    expect([a.take(60), a.take(1), b.take(40), c.take(1)]).toEqual([true, false, true, false]);
    a.release();
    expect([c.take(20), c.take(1), memory.bytes]).toEqual([true, false, 60]);
  });
});

describe('the cache of entities', () => {
  it('forgets what was unused for longest where it holds too much', () => {
    const cache = new EntityCache(2_000);
    for (const key of ['a', 'b', 'c']) cache.set(key, Buffer.alloc(100), 10);
    expect(cache.get('a', 0)).toBeDefined();
    cache.set('d', Buffer.alloc(100), 10);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key, 0) !== undefined)).toEqual([true, false, true, true]);
    cache.set('e', Buffer.alloc(3_000), 10);
    expect([cache.get('e', 0), cache.bytes]).toEqual([undefined, 0]);
  });
});
