// Real: PostgreSQL, Kafka, Nest, HTTP.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService } from '@hookstream/service';
import { eventually } from '@hookstream/testing';
import { at, ConfigApiBed, textAt } from './support/config-api-bed.js';

const bed = new ConfigApiBed();
let api: RunningService;

beforeAll(async () => {
  await bed.makeTopics();
  api = await bed.start();
});
afterAll(() => bed.close());

const send = (method: string, path: string, json?: unknown, key?: string, headers = {}) =>
  bed.ask(api, path, { method, json, headers, ...(key !== undefined && { key }) });
const post = (path: string, json: unknown, key?: string) => send('POST', path, json, key);

async function tenant(name: string): Promise<{ readonly id: string; readonly key: string }> {
  const id = textAt((await post('/v1/organizations', { name })).json, 'id');
  return { id, key: textAt((await post('/v1/api-keys', { organization: id, name })).json, 'key') };
}

const schema = {
  type: 'object',
  required: ['amount'],
  properties: { amount: { type: 'number' }, lines: { type: 'array', items: { type: 'string' } } },
};

describe('/v1/event-types', () => {
  it('declares a type with defaults, and tells everyone what it is', async () => {
    const made = await post('/v1/event-types', { name: 'invoice.paid', schema, example: { amount: 1.5 } });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.json).toMatchObject({
      id: expect.stringMatching(/^typ_/),
      organization: 'org_default',
      name: 'invoice.paid',
      group: 'invoice',
      description: '',
      example: { amount: 1.5 },
      schema,
      schemaVersion: 1,
    });
    const id = textAt(made.json, 'id');
    expect((await send('GET', `/v1/event-types/${id}`)).json).toEqual(made.json);
    const [document] = await bed.documents(id);
    expect(document).toMatchObject({ kind: 'event-type', name: 'invoice.paid', schema: JSON.stringify(schema) });
    expect((await post('/v1/event-types', { name: 'invoice.paid' })).status).toBe(409);
  });

  it('keeps the versions of a schema, and counts nothing where nothing changes', async () => {
    const made = await post('/v1/event-types', { name: 'order.made', schema });
    const path = `/v1/event-types/${textAt(made.json, 'id')}`;
    const same = await send('PATCH', path, { schema: { ...schema } });
    expect(same.json).toMatchObject({ version: 1, schemaVersion: 1 });
    const described = await send('PATCH', path, { description: 'An order was made', group: 'shop' });
    expect(described.json).toMatchObject({ version: 2, schemaVersion: 1, group: 'shop' });
    const narrowed = await send('PATCH', path, { schema: { type: 'array' } }, undefined, { 'if-match': '"2"' });
    expect(narrowed.json).toMatchObject({ version: 3, schemaVersion: 2, schema: { type: 'array' } });
    expect((await send('PATCH', path, { schema: null }, undefined, { 'if-match': '"2"' })).status).toBe(412);
    expect((await send('PATCH', path, { schema: null })).json).toMatchObject({ schema: null, schemaVersion: 3 });
    expect((await send('GET', `${path}/schemas`)).json).toMatchObject({
      data: [
        { version: 3, schema: null },
        { version: 2, schema: { type: 'array' } },
        { version: 1, schema },
      ],
    });
    expect((await send('PATCH', path, { name: 'order.done' })).json).toMatchObject({ errors: [{ pointer: '/name' }] });
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).status).toBe(404);
  });

  it.each<[string, object, string]>([
    ['a pattern for a name', { name: 'invoice.*' }, '/name'],
    ['a reserved name', { name: 'hookstream.x' }, '/name'],
    ['a schema that is none', { name: 'a.b', schema: { type: 'strin' } }, '/schema/type'],
    [
      'a schema that leads elsewhere',
      { name: 'a.b', schema: { items: { $ref: 'https://x.example' } } },
      '/schema/items/$ref',
    ],
    ['an example that violates the schema', { name: 'a.b', schema, example: { amount: '1' } }, '/example/amount'],
    ['an unknown field', { name: 'a.b', schemas: [] }, '/schemas'],
  ])('refuses %s and tells where', async (_, request, pointer) => {
    const refused = await post('/v1/event-types', request);
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({ errors: [{ pointer, message: expect.any(String) }] });
  });

  it('shows an organization its own types and those for all, and lets it change its own only', async () => {
    const [one, other] = [await tenant('one'), await tenant('other')];
    const shared = await post('/v1/event-types', { name: 'shared.thing', organization: null, schema });
    const own = await post('/v1/event-types', { name: 'own.thing' }, one.key);
    expect(own.json).toMatchObject({ organization: one.id });
    expect((await post('/v1/event-types', { name: 'x.y', organization: null }, one.key)).status).toBe(403);
    const [sharedPath, ownPath] = [shared, own].map(({ json }) => `/v1/event-types/${textAt(json, 'id')}`);
    const names = at((await send('GET', '/v1/event-types', undefined, one.key)).json, 'data');
    expect(names).toMatchObject([{ name: 'own.thing' }, { name: 'shared.thing' }]);
    expect((await send('GET', `${sharedPath}`, undefined, one.key)).status).toBe(200);
    expect((await send('PATCH', `${sharedPath}`, { group: 'g' }, one.key)).status).toBe(403);
    expect((await send('DELETE', `${sharedPath}`, undefined, one.key)).status).toBe(403);
    expect((await send('GET', `${ownPath}`, undefined, other.key)).status).toBe(404);
    expect((await send('PATCH', `${ownPath}`, { group: 'g' }, other.key)).status).toBe(404);
    expect((await send('DELETE', `${ownPath}`, undefined, other.key)).status).toBe(404);
    expect((await send('DELETE', `/v1/organizations/${one.id}`)).status).toBe(409);
  });
});

describe('POST /v1/events', () => {
  it('answers 422 with pointers into the body for data that violates the schema of its type', async () => {
    await post('/v1/event-types', { name: 'checked.event', schema });
    const event = { type: 'checked.event', data: { lines: ['a', 2] } };
    const refused = await eventually(async () => {
      const answer = await post('/v1/events', event);
      expect(answer.status).toBe(422);
      return answer;
    });
    expect(refused.json).toMatchObject({
      type: '/problems/unprocessable',
      errors: [{ pointer: '/data' }, { pointer: '/data/lines/1', message: 'must be string' }],
    });
    const cloudEvent = { specversion: '1.0', id: '1', source: '/x', type: 'checked.event', data: { amount: 1 } };
    const batch = (...events: object[]) =>
      bed.ask(api, '/v1/events', {
        body: JSON.stringify(events),
        headers: { 'content-type': 'application/cloudevents-batch+json' },
      });
    const mixed = await batch(cloudEvent, { ...cloudEvent, id: '2', data: {} });
    expect(mixed.json).toMatchObject({ status: 422, errors: [{ pointer: '/1/data' }] });
    expect((await batch(cloudEvent)).status).toBe(202);
    expect((await post('/v1/events', { type: 'checked.event', data: { amount: 1 } })).status).toBe(202);
    expect((await post('/v1/events', { type: 'undeclared.event', data: { lines: 1 } })).status).toBe(202);
  });
});
