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

const ask = (path: string, key?: string) => bed.ask(api, path, key === undefined ? {} : { key });
const post = (path: string, json: unknown, key?: string) =>
  bed.ask(api, path, { json, ...(key !== undefined && { key }) });
const remove = (path: string, key?: string) =>
  bed.ask(api, path, { method: 'DELETE', ...(key !== undefined && { key }) });

async function tenant(name: string): Promise<{ readonly id: string; readonly key: string; readonly keyId: string }> {
  const id = textAt((await post('/v1/organizations', { name })).json, 'id');
  const key = await post('/v1/api-keys', { organization: id, name });
  return { id, key: textAt(key.json, 'key'), keyId: textAt(key.json, 'id') };
}

describe('organizations and keys', () => {
  it('shows a key once and stores nothing of it but a hash', async () => {
    const made = await post('/v1/api-keys', { organization: null, name: 'ops' });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ role: 'admin', grants: [], organization: null, expiresAt: null, version: 1 });
    const key = textAt(made.json, 'key');
    expect(key).toMatch(/^hsk_[0-9a-f]{64}$/);
    const read = await ask(`/v1/api-keys/${textAt(made.json, 'id')}`, key);
    expect(read.status).toBe(200);
    expect(at(read.json, 'key')).toBeUndefined();
    expect(read.text).not.toContain('hash');
    expect(JSON.stringify(await bed.documents(textAt(made.json, 'id')))).not.toContain(key);
    expect(bed.lines.join('')).not.toContain(key);
    expect(bed.lines.join('')).not.toContain(bed.key);
  });

  it('refuses a deleted key at once, and one that has expired', async () => {
    const { key, keyId } = await tenant('short-lived');
    expect((await ask('/v1/subscriptions', key)).status).toBe(200);
    expect((await remove(`/v1/api-keys/${keyId}`)).status).toBe(204);
    expect((await ask('/v1/subscriptions', key)).status).toBe(401);

    const expiresAt = new Date(Date.now() + 700).toISOString();
    const brief = textAt((await post('/v1/api-keys', { expiresAt })).json, 'key');
    expect((await ask('/v1/subscriptions', brief)).status).toBe(200);
    await eventually(async () => expect((await ask('/v1/subscriptions', brief)).status).toBe(401));
    const past = await post('/v1/api-keys', { expiresAt: '2020-01-01T00:00:00Z' });
    expect(past.json).toMatchObject({ errors: [{ pointer: '/expiresAt' }] });
  });

  it('tells what is wrong with a key and what to do', async () => {
    const none = await bed.ask(api, '/v1/subscriptions', { key: null });
    expect(none.json).toMatchObject({ type: '/problems/unauthorized', detail: expect.stringContaining('Bearer hsk_') });
    const unknown = await ask('/v1/subscriptions', `hsk_${'1'.repeat(64)}`);
    expect(unknown.json).toMatchObject({ status: 401, detail: expect.stringContaining('POST /v1/api-keys') });
  });

  it('changes name, role, grants and expiry of a key, and neither the key nor whose it is', async () => {
    const { id, key, keyId } = await tenant('changing');
    const made = await post('/v1/api-keys', { organization: id, role: 'editor' });
    const path = `/v1/api-keys/${textAt(made.json, 'id')}`;
    const patch = (json: unknown, by = key, at = path) => bed.ask(api, at, { method: 'PATCH', json, key: by });
    const viewer = await patch({ name: 'reads', role: 'viewer', expiresAt: '2099-01-01T00:00:00Z' });
    expect(viewer.json).toMatchObject({ name: 'reads', role: 'viewer', grants: [], version: 2 });
    expect(textAt(viewer.json, 'key')).toBe('undefined');
    expect((await patch({ role: 'viewer' })).json).toMatchObject({ version: 2 });
    expect((await post('/v1/subscriptions', {}, textAt(made.json, 'key'))).status).toBe(403);
    expect((await patch({ role: 'editor', grants: ['edit'] })).json).toMatchObject({ grants: ['edit'], version: 3 });
    expect((await patch({ organization: null })).json).toMatchObject({ errors: [{ pointer: '/organization' }] });
    expect((await patch({ expiresAt: '2020-01-01T00:00:00Z' })).json).toMatchObject({
      errors: [{ pointer: '/expiresAt' }],
    });
    expect((await patch({ role: 'viewer' }, key, `/v1/api-keys/${keyId}`)).status).toBe(409);
    expect((await patch({ name: 'x' }, (await tenant('stranger')).key)).status).toBe(404);
  });

  it('refuses a key that would delete itself, and grants that go with no role', async () => {
    const { key, keyId } = await tenant('selfish');
    expect((await remove(`/v1/api-keys/${keyId}`, key)).status).toBe(409);
    const grants = await post('/v1/api-keys', { role: 'viewer', grants: ['edit'] });
    expect(grants.json).toMatchObject({ errors: [{ pointer: '/grants' }] });
  });

  it('lets each role do what it is for, and tells the others what is missing', async () => {
    const { id } = await tenant('roles');
    const keyOf = async (role: string, grants?: string[]) =>
      textAt((await post('/v1/api-keys', { organization: id, role, grants })).json, 'key');
    const [producer, viewer, editor, changer] = [
      await keyOf('producer'),
      await keyOf('viewer'),
      await keyOf('editor'),
      await keyOf('editor', ['edit']),
    ];
    const subscription = { endpoint: { url: 'https://x.example' } };
    const made = await post('/v1/subscriptions', subscription, editor);
    expect(made.status).toBe(201);
    const path = `/v1/subscriptions/${textAt(made.json, 'id')}`;
    const patch = (key: string) => bed.ask(api, path, { method: 'PATCH', json: { name: 'x' }, key });
    const switchOff = (key: string) => bed.ask(api, `${path}/deactivate`, { method: 'POST', key });
    const event = { type: 'a.b', data: 1 };
    const statuses = async (key: string) => [
      (await post('/v1/events', event, key)).status,
      (await ask(path, key)).status,
      (await ask('/v1/audit-trail', key)).status,
      (await post('/v1/subscriptions', subscription, key)).status,
      (await patch(key)).status,
      (await switchOff(key)).status,
      (await post('/v1/api-keys', {}, key)).status,
      (await remove(path, key)).status,
    ];
    expect(await statuses(producer)).toEqual([202, 403, 403, 403, 403, 403, 403, 403]);
    expect(await statuses(viewer)).toEqual([403, 200, 200, 403, 403, 403, 403, 403]);
    expect(await statuses(changer)).toEqual([202, 200, 200, 403, 200, 200, 403, 403]);
    expect(await statuses(editor)).toEqual([202, 200, 200, 201, 200, 200, 403, 204]);
    expect((await patch(changer)).status).toBe(404);
    expect((await post('/v1/subscriptions', subscription, changer)).json).toMatchObject({
      type: '/problems/forbidden',
      detail: expect.stringContaining('"create"'),
    });
  });

  it('holds an organization to its quotas and to its policy for new subscriptions', async () => {
    const { id, key } = await tenant('small');
    const quotas = { subscriptions: 1, eventTypes: 0 };
    const policy = await bed.ask(api, `/v1/organizations/${id}`, {
      method: 'PATCH',
      json: { quotas, startInactive: true },
    });
    expect(policy.json).toMatchObject({ quotas: { ...quotas, apiKeys: null }, startInactive: true });
    const subscription = { endpoint: { url: 'https://x.example' } };
    const both = await Promise.all([
      post('/v1/subscriptions', subscription, key),
      post('/v1/subscriptions', subscription, key),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const listed = await ask('/v1/subscriptions', key);
    expect(listed.json).toMatchObject({ data: [{ active: false, inactiveReason: 'by-user' }] });
    expect((await post('/v1/event-types', { name: 'a.b' }, key)).json).toMatchObject({
      status: 409,
      detail: expect.stringContaining('"eventTypes" is 0'),
    });
  });

  it('tells when a key was last used, once that was written', async () => {
    const { key, keyId } = await tenant('used');
    expect((await ask(`/v1/api-keys/${keyId}`, key)).json).toMatchObject({ lastUsedAt: null });
    const again = await bed.start();
    expect((await bed.ask(again, '/v1/subscriptions', { key })).status).toBe(200);
    await bed.stop(again);
    expect(Date.parse(textAt((await ask(`/v1/api-keys/${keyId}`)).json, 'lastUsedAt'))).toBeGreaterThan(0);
  });

  it('hides every foreign thing behind a 404 and never lists it', async () => {
    const [one, other] = [await tenant('one'), await tenant('other')];
    const made = await post('/v1/subscriptions', { endpoint: { url: 'https://x.example' } }, one.key);
    expect(made.json).toMatchObject({ organization: one.id });
    const path = `/v1/subscriptions/${textAt(made.json, 'id')}`;
    expect((await ask(path, other.key)).status).toBe(404);
    expect((await bed.ask(api, path, { method: 'PATCH', json: { name: 'mine' }, key: other.key })).status).toBe(404);
    expect((await bed.ask(api, `${path}/deactivate`, { method: 'POST', key: other.key })).status).toBe(404);
    expect((await remove(path, other.key)).status).toBe(404);
    expect((await ask(`/v1/organizations/${one.id}`, other.key)).status).toBe(404);
    expect((await ask(`/v1/api-keys/${one.keyId}`, other.key)).status).toBe(404);
    expect((await ask('/v1/subscriptions', other.key)).json).toEqual({ data: [], nextCursor: null });
    expect((await ask('/v1/organizations', other.key)).json).toMatchObject({ data: [{ id: other.id }] });
    const foreign = await ask(`/v1/subscriptions?organization=${one.id}`, other.key);
    expect(foreign.json).toMatchObject({ errors: [{ parameter: 'organization' }] });
    const named = await post(
      '/v1/subscriptions',
      { organization: one.id, endpoint: { url: 'https://x.example' } },
      other.key,
    );
    expect(named.json).toMatchObject({ errors: [{ pointer: '/organization' }] });
    expect(at((await ask(`/v1/subscriptions?organization=${one.id}`)).json, 'data')).toHaveLength(1);
  });

  it('lets only platform-wide keys make organizations, platform-wide keys and sources', async () => {
    const { key, id } = await tenant('bound');
    expect((await post('/v1/organizations', { name: 'x' }, key)).status).toBe(403);
    expect((await post('/v1/api-keys', { organization: null }, key)).status).toBe(403);
    expect((await post('/v1/sources', { topic: 'orders' }, key)).status).toBe(403);
    expect((await ask('/v1/sources', key)).status).toBe(403);
    expect((await remove(`/v1/organizations/${id}`, key)).status).toBe(403);
  });

  it('keeps external ids unique and organizations that are in use', async () => {
    expect((await post('/v1/organizations', { name: 'a', externalId: 'same' })).status).toBe(201);
    expect((await post('/v1/organizations', { name: 'b', externalId: 'same' })).status).toBe(409);
    const { id, keyId } = await tenant('in use');
    expect((await remove(`/v1/organizations/${id}`)).status).toBe(409);
    expect((await remove(`/v1/api-keys/${keyId}`)).status).toBe(204);
    expect((await remove(`/v1/organizations/${id}`)).status).toBe(204);
    expect((await remove('/v1/organizations/org_default')).status).toBe(409);
    const changed = await bed.ask(api, '/v1/organizations/org_default', { method: 'PATCH', json: { name: 'Main' } });
    expect(changed.json).toMatchObject({ name: 'Main', version: 2 });
  });
});

describe('sources', () => {
  it('resolves where to start to offsets when it is made', async () => {
    const topic = `${bed.prefix}orders`;
    await bed.admin.ensureTopics([{ name: topic, partitions: 1, replication: 1, config: {} }]);
    const producer = bed.log.producer();
    await producer.send({ topic, key: null, value: Buffer.from('1') });
    await producer.close();
    const made = await post('/v1/sources', { topic, mapping: { type: { constant: 'order' } } });
    expect(made.json).toMatchObject({ topic, name: topic, startFrom: 'latest', startOffsets: { 0: 1 }, status: 'ok' });
    expect((await bed.documents(textAt(made.json, 'id')))[0]).toMatchObject({
      kind: 'source',
      startOffsets: { 0: 1 },
      mapping: { format: 'auto', type: { constant: 'order' }, data: '/data' },
    });
    expect((await post('/v1/sources', { topic })).status).toBe(409);
    expect((await remove(`/v1/sources/${textAt(made.json, 'id')}`)).status).toBe(204);
    const earliest = await post('/v1/sources', { topic, startFrom: 'earliest' });
    expect(earliest.json).toMatchObject({ startOffsets: { 0: 0 } });
  });

  it('takes a topic that is not there yet and says so, and refuses internal ones', async () => {
    expect((await post('/v1/sources', { topic: `${bed.prefix}nowhere` })).json).toMatchObject({
      status: 'topic-missing',
      startOffsets: {},
    });
    for (const topic of [
      bed.topics.config,
      bed.topics.deliveries,
      bed.topics.delayLevels[0]?.topic,
      '__consumer_offsets',
    ]) {
      expect((await post('/v1/sources', { topic })).json).toMatchObject({ errors: [{ pointer: '/topic' }] });
    }
    expect((await post('/v1/sources', { topic: bed.topics.events })).status).toBe(201);
  });
});

describe('the document of the API', () => {
  it('is OpenAPI 3.1 and needs no key', async () => {
    const { status, json } = await bed.ask(api, '/openapi.json', { key: null });
    expect(status).toBe(200);
    expect(json).toMatchObject({ openapi: expect.stringMatching(/^3\.1/), paths: { '/v1/events': { post: {} } } });
    expect(at(json, 'components', 'schemas', 'SubscriptionRequest', 'properties')).toHaveProperty('endpoint');
  });
});
