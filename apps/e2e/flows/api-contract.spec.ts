import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@hookstream/testing';
import fc from 'fast-check';
import { AnswerChecker } from '../support/contract/answer-checker.js';
import { VERBS, type OpenApi, type Operation, type Verb } from '../support/contract/open-api.js';
import { RequestGenerator, type GeneratedRequest } from '../support/contract/request-generator.js';
import { startWorld, type World } from '../support/world.js';

/** Of each operation. */
const REQUESTS = 16;
const SEED = 20_261_123;

// Real: config-api, router and audit-log as processes, Kafka, PostgreSQL. Nobody delivers: the log has what was routed.
describe('the OpenAPI document', () => {
  let world: World;
  let document: OpenApi;
  let checker: AnswerChecker;
  let generator: RequestGenerator;
  const ids: Record<string, string[]> = {};

  beforeAll(async () => {
    world = await startWorld({ only: ['config-api', 'router', 'audit-log'] });
    document = (await world.api.call<OpenApi>('GET', '/openapi.json')).body;
    checker = new AnswerChecker(document);
    generator = new RequestGenerator(document, (path) => [...(ids[path.split('/')[2] ?? ''] ?? []), 'sub_0', 'x y']);
    const make = async (kind: string, body: unknown) => {
      const made = await world.api.call<{ readonly id: string }>('POST', `/v1/${kind}`, body);
      expect({ kind, status: made.status }).toEqual({ kind, status: kind === 'events' ? 202 : 201 });
      (ids[kind] ??= []).push(made.body.id);
    };
    await make('organizations', { name: 'theirs' });
    await make('subscriptions', { eventTypes: ['a.b'], endpoint: { url: 'http://127.0.0.1:9/' } });
    await make('event-types', { name: 'a.b', schema: { type: 'object' } });
    await make('api-keys', { name: 'of nobody', role: 'viewer' });
    await make('events', { type: 'a.b', data: {} });
    await world.producer.send({ topic: world.topics.events, key: null, value: Buffer.from('{'), headers: {} });
    for (const kind of ['deliveries', 'dead-letters']) {
      ids[kind] = await eventually(async () => {
        const { body } = await world.api.call<{ readonly data: readonly { readonly id: string }[] }>(
          'GET',
          `/v1/${kind}`,
        );
        if (body.data.length === 0) throw new Error(`no ${kind} yet`);
        return body.data.map(({ id }) => id);
      });
    }
  });
  afterAll(() => world.stop());

  async function ask(path: string, verb: Verb, request: GeneratedRequest) {
    const query = new URLSearchParams(request.query).toString();
    const url = path.replace('{id}', encodeURIComponent(request.path['id'] ?? '')) + (query === '' ? '' : `?${query}`);
    const { body } = request;
    const response = await fetch(world.stack.url + url, {
      method: verb.toUpperCase(),
      headers: {
        authorization: `Bearer ${world.stack.apiKey}`,
        ...(body && { 'content-type': body.mediaType }),
        ...request.headers,
      },
      ...(body && { body: JSON.stringify(body.value) }),
    });
    return { url, status: response.status, headers: response.headers, text: await response.text() };
  }

  /** What is not as the document says, of one operation. */
  async function surprises(path: string, verb: Verb, operation: Operation): Promise<string[]> {
    const found: string[] = [];
    for (const request of fc.sample(generator.requests(path, operation), { numRuns: REQUESTS, seed: SEED })) {
      const answer = await ask(path, verb, request);
      statuses.add(answer.status);
      const undescribed = checker.undescribed(path, verb, answer);
      if (undescribed === undefined) continue;
      const sent = JSON.stringify({ ...request, body: request.body?.value }).slice(0, 400);
      found.push(
        `${verb} ${answer.url} ${sent}\n  was answered ${answer.text.slice(0, 300)}\n  and has ${undescribed}`,
      );
    }
    return found;
  }
  const statuses = new Set<number>();

  it('describes every answer to requests that are made of it', async () => {
    const found: string[] = [];
    // What takes away comes last.
    const verbs = [...VERBS].sort((left, right) => Number(left === 'delete') - Number(right === 'delete'));
    for (const verb of verbs) {
      for (const [path, item] of Object.entries(document.paths)) {
        const operation = item[verb];
        if (operation) found.push(...(await surprises(path, verb, operation)));
      }
    }
    expect(found).toEqual([]);
    // Requests that are refused only would show little.
    expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 202, 204, 400, 404]));
  });

  it('shows a stranger nothing of another organization, by any path and verb, the log’s included', async () => {
    const made = await world.api.call<{ readonly id: string }>('POST', '/v1/organizations', { name: 'strangers' });
    const key = await world.api.call<{ readonly key: string }>('POST', '/v1/api-keys', { organization: made.body.id });
    const stranger = world.api.withKey(key.body.key);
    const secrets = Object.values(ids).flat();
    const asked: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      const kind = path.includes('/subscriptions/{id}') ? 'subscriptions' : (path.split('/')[2] ?? '');
      const id = ids[kind]?.[0];
      for (const verb of VERBS) {
        const operation = item[verb];
        if (!operation) continue;
        const method = verb.toUpperCase();
        if (path.includes('{id}') && id !== undefined) {
          const { status } = await stranger.call(method, path.replace('{id}', id), verb === 'patch' ? {} : undefined);
          expect({ method, path, status }).toEqual({ method, path, status: 404 });
          asked.push(`${method} ${path}`);
        } else if (verb === 'get' && !path.includes('{')) {
          const named = operation.parameters?.some(({ name }) => name === 'organization');
          const plain = await stranger.call(method, path);
          const told = JSON.stringify(plain.body);
          expect({ path, told: secrets.filter((secret) => told.includes(secret)) }).toEqual({ path, told: [] });
          const { status } = await stranger.call(method, `${path}?organization=org_default`);
          if (named) expect({ path, status }).toEqual({ path, status: plain.status === 403 ? 403 : 404 });
          asked.push(`${method} ${path}`);
        }
      }
    }
    // They are there for whoever may see them.
    for (const kind of ['events', 'deliveries', 'dead-letters']) {
      expect((await world.api.call('GET', `/v1/${kind}/${ids[kind]?.[0]}`)).status).toBe(200);
    }
    expect(asked).toEqual(
      expect.arrayContaining([
        'GET /v1/deliveries/{id}',
        'POST /v1/deliveries/{id}/replay',
        'GET /v1/stats',
        'GET /v1/events',
      ]),
    );
  });
});
