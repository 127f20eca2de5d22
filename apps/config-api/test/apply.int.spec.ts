// Real: PostgreSQL, Kafka, Nest, HTTP.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService } from '@hookstream/service';
import { eventually } from '@hookstream/testing';
import { at, type Ask, ConfigApiBed, textAt } from './support/config-api-bed.js';

const bed = new ConfigApiBed();
let api: RunningService;

beforeAll(async () => {
  await bed.makeTopics();
  api = await bed.start();
});
afterAll(() => bed.close());

const send = (method: string, path: string, json?: unknown, key?: string) =>
  bed.ask(api, path, { method, json, ...(key !== undefined && { key }) });
const put = (ask: Ask, query = '') => bed.ask(api, `/v1/apply${query}`, { method: 'PUT', ...ask });
const apply = (json: unknown, key: string, query = '') => put({ json, key }, query);

async function tenant(name: string): Promise<{ readonly id: string; readonly key: string }> {
  const id = textAt((await send('POST', '/v1/organizations', { name })).json, 'id');
  return { id, key: textAt((await send('POST', '/v1/api-keys', { organization: id, name })).json, 'key') };
}
/** Entries of the audit trail about subscriptions and event types. */
const audited = async (key: string) => {
  const entries = at((await send('GET', '/v1/audit-trail?limit=200', undefined, key)).json, 'data');
  const kinds = Array.isArray(entries) ? entries.map((entry: unknown) => textAt(entry, 'resource', 'kind')) : [];
  return kinds.filter((kind) => kind === 'subscription' || kind === 'event-type').length;
};
const subscription = (name: string, more: object = {}) => ({ name, endpoint: { url: 'https://x.example' }, ...more });

/** What the process still does of what was asked before (publishing, reading it back) is no work of what is asked next. */
async function atRest(): Promise<void> {
  const takesMs = async () => {
    const before = process.cpuUsage();
    await sleep(250);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  await eventually(async () => expect(await takesMs()).toBeLessThan(75), { timeoutMs: 30_000 });
}

describe('PUT /v1/apply', () => {
  it('makes, changes and prunes, tells the difference first, and is a no-op the second time', async () => {
    const { id, key } = await tenant('pipeline');
    const document = {
      eventTypes: [{ name: 'invoice.paid', schema: { type: 'object' } }],
      subscriptions: [subscription('a'), subscription('b', { metadata: { team: 'x' } })],
    };
    const dry = await apply(document, key, '?dryRun=true');
    expect(dry.json).toMatchObject({
      organization: id,
      dryRun: true,
      created: 3,
      updated: 0,
      deleted: 0,
      unchanged: 0,
    });
    expect(dry.text).not.toContain('whsec_');
    expect(await audited(key)).toBe(0);

    const made = await apply(document, key);
    expect(made.json).toMatchObject({
      created: 3,
      changes: [{ kind: 'event-type' }, { name: 'a', secret: expect.stringMatching(/^whsec_/) }, { name: 'b' }],
    });
    expect(await audited(key)).toBe(3);
    const [first] = [at(made.json, 'changes', '1', 'id')].map(String);
    expect(await bed.documents(first ?? '')).toMatchObject([{ kind: 'subscription', version: 1 }]);

    const again = await apply(document, key);
    expect(again.json).toMatchObject({ created: 0, updated: 0, deleted: 0, unchanged: 3, changes: [] });
    expect(await audited(key)).toBe(3);

    const changed = { subscriptions: [subscription('a', { eventTypes: ['invoice.*'] }), subscription('c')] };
    const next = await apply(changed, key, '?prune=true');
    expect(next.json).toMatchObject({ created: 1, updated: 1, deleted: 1 });
    expect(at(next.json, 'changes')).toMatchObject([
      { action: 'update', name: 'a', differences: [{ pointer: '/eventTypes', before: ['**'], after: ['invoice.*'] }] },
      { action: 'create', name: 'c' },
      { action: 'delete', name: 'b' },
    ]);
    const types = await send('GET', '/v1/event-types', undefined, key);
    expect(at(types.json, 'data')).toHaveLength(1);
  });

  it('applies what it exports without a change, as JSON and as YAML, and leaves secrets alone', async () => {
    const { key } = await tenant('round trip');
    const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    await apply(
      {
        eventTypes: [{ name: 'a.b', schema: { properties: { n: { type: 'number' } } }, example: { n: 1 } }],
        subscriptions: [
          subscription('plain'),
          subscription('given', { signing: { secret }, description: 'two\nlines: "yes"', active: false }),
          subscription('rich', {
            retry: { schedule: ['1m', '2h'], maxAge: '3d', nonRetryableStatuses: ['4xx', 501] },
            rateLimit: { perSecond: 2.5 },
            ordering: { mode: 'fifo', orderingKey: 'subject' },
            endpoint: {
              url: 'https://rich.example/',
              auth: {
                type: 'oauth2-client-credentials',
                tokenUrl: 'https://tokens.example/token',
                clientId: 'hooks',
                clientSecret: 'open-sesame-42',
                scope: 'a b',
              },
            },
          }),
        ],
      },
      key,
    );
    await send('POST', '/v1/subscriptions', subscription('plain'), key);
    const exported = await send('GET', '/v1/export', undefined, key);
    expect(exported.text).not.toContain('whsec_');
    expect(exported.text).not.toContain('open-sesame-42');
    expect(exported.text).toContain('sha256:');
    const json = await apply(exported.json, key, '?prune=true');
    expect(json.json).toMatchObject({ created: 0, updated: 0, deleted: 0, unchanged: 5 });
    const yaml = await send('GET', '/v1/export?format=yaml', undefined, key);
    expect(yaml.text).toContain('eventTypes:');
    const applied = await put({ body: yaml.text, key, headers: { 'content-type': 'application/yaml' } });
    expect(applied.json).toMatchObject({ updated: 0, unchanged: 5 });
    const same = await apply({ subscriptions: [subscription('given', { signing: { secret } })] }, key, '?dryRun=true');
    expect(JSON.stringify(at(same.json, 'changes'))).not.toContain('secretFingerprints');
    const other = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;
    const rotated = await apply({ subscriptions: [subscription('given', { signing: { secret: other } })] }, key);
    expect(JSON.stringify(at(rotated.json, 'changes'))).toContain('/secretFingerprints');
    expect(rotated.text).not.toContain(other);
  });

  it('changes nothing at all when anything is wrong, and names every place', async () => {
    const { key } = await tenant('all or nothing');
    const wrong = await apply(
      { subscriptions: [subscription('a'), { name: 'b' }, subscription('c', { nmae: 1 })] },
      key,
    );
    expect(wrong.status).toBe(400);
    expect(wrong.json).toMatchObject({
      errors: [{ pointer: '/subscriptions/1/endpoint' }, { pointer: '/subscriptions/2/nmae' }],
    });
    const twice = await apply({ subscriptions: [subscription('a'), subscription('a')] }, key);
    expect(twice.json).toMatchObject({ errors: [{ pointer: '/subscriptions/1/name' }] });
    const unknown = await apply({ subscriptions: [subscription('a', { id: 'sub_1' })] }, key);
    expect(unknown.json).toMatchObject({ errors: [{ pointer: '/subscriptions/0/id' }] });
    expect((await send('GET', '/v1/subscriptions', undefined, key)).json).toMatchObject({ data: [] });
    expect(await audited(key)).toBe(0);
  });

  it('holds to quotas, and to the grants of an editor', async () => {
    const { id, key } = await tenant('held');
    await send('PATCH', `/v1/organizations/${id}`, { quotas: { subscriptions: 1 } });
    expect((await apply({ subscriptions: [subscription('a'), subscription('b')] }, key)).status).toBe(409);
    expect((await apply({ subscriptions: [subscription('a')] }, key)).status).toBe(200);
    expect((await apply({ subscriptions: [subscription('b')] }, key, '?prune=true')).status).toBe(200);
    const request = { organization: id, role: 'editor', grants: ['edit'] };
    const editor = textAt((await send('POST', '/v1/api-keys', request)).json, 'key');
    expect((await apply({ subscriptions: [] }, editor, '?prune=true')).status).toBe(403);
    expect((await apply({ subscriptions: [subscription('b', { description: 'x' })] }, editor)).status).toBe(200);
    expect((await apply({ organization: 'org_default', subscriptions: [] }, key)).status).toBe(400);
  });

  it.each<[string, Ask, number]>([
    ['YAML that cannot be read', { body: 'a: [1', headers: { 'content-type': 'application/yaml' } }, 400],
    [
      'a key that is given twice',
      { body: 'subscriptions: []\nsubscriptions: []', headers: { 'content-type': 'text/yaml' } },
      400,
    ],
    ['JSON that cannot be read', { body: '{', headers: { 'content-type': 'application/json' } }, 400],
    ['bytes that are no UTF-8', { body: Buffer.from([0xff]), headers: { 'content-type': 'application/json' } }, 400],
    ['another media type', { body: 'x', headers: { 'content-type': 'text/plain' } }, 415],
    ['an unknown field', { json: { subscription: [] } }, 400],
    ['no key', { json: {}, key: null }, 401],
  ])('refuses %s', async (_, ask, status) => {
    const refused = await put(ask);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });

  it('does not unfold aliases that repeat each other', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(10)}]`,
    );
    const bomb = ['l0: &l0 [x]', ...levels].join('\n');
    expect((await put({ body: bomb, headers: { 'content-type': 'application/yaml' } })).status).toBe(400);
  });

  it('publishes the JSON Schema of the document', async () => {
    const { json } = await bed.ask(api, '/schemas/configuration.json', { key: null });
    expect(json).toMatchObject({
      $defs: { Configuration: { type: 'object', properties: { subscriptions: { type: 'array' } } } },
    });
  });

  it('applies 10,000 subscriptions at once, and the same again without a change for less than half of the work', async () => {
    const { key } = await tenant('large');
    const document = {
      subscriptions: Array.from({ length: 10_000 }, (_, index) =>
        subscription(`s-${index}`, { eventTypes: [`type.n${index}`], description: `number ${index}` }),
      ),
    };
    // The time of this process, which is client and server: other work on the machine counts for both alike.
    const timed = async (expected: object) => {
      const before = process.cpuUsage();
      expect((await apply(document, key)).json).toMatchObject(expected);
      await atRest();
      const { user, system } = process.cpuUsage(before);
      return Math.round((user + system) / 1_000);
    };
    const firstMs = await timed({ created: 10_000 });
    const againMs = await timed({ created: 0, updated: 0, unchanged: 10_000 });
    console.info(`10,000 subscriptions applied in ${firstMs} ms of processor time, and again in ${againMs} ms`);
    expect(againMs).toBeLessThan(firstMs / 2);
  });
});
