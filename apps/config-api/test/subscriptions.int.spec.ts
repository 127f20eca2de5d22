// Real: PostgreSQL, Kafka, Nest, HTTP.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeDelivery, type DeliveryReport, encodeReport, SecretBox } from '@hookstream/contracts';
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

const minimal = { endpoint: { url: 'https://hooks.example.com/in' } };
const create = (json: unknown = minimal) => bed.ask(api, '/v1/subscriptions', { json });

describe('subscriptions', () => {
  it('answers a creation with all settings and their defaults, and the secret once', async () => {
    const created = await create({
      organization: 'org_default',
      name: 'billing',
      eventTypes: ['invoice.*'],
      endpoint: { url: 'https://hooks.example.com/in' },
    });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      id: expect.stringMatching(/^sub_[0-9a-f]{32}$/),
      version: 1,
      organization: 'org_default',
      name: 'billing',
      active: true,
      inactiveReason: null,
      eventTypes: ['invoice.*'],
      endpoint: { method: 'POST', headers: {}, timeout: '15s', successStatuses: ['2xx'] },
      payload: { format: 'json', binding: 'event' },
      signing: { scheme: 'standard-webhooks', secret: expect.stringMatching(/^whsec_/) },
      retry: {
        schedule: ['5s', '5m', '30m', '2h', '5h', '10h', '14h', '20h', '1d'],
        jitter: 0.2,
        nonRetryableStatuses: [],
      },
      rateLimit: { concurrency: 64 },
      onFailure: { deactivateOnGone: true, warnAfter: ['1d', '3d'], deactivateAfter: null },
      metadata: {},
    });
    const id = textAt(created.json, 'id');
    expect(created.headers.get('etag')).toBe('"1"');
    expect(created.headers.get('location')).toBe(`/v1/subscriptions/${id}`);
    expect(created.headers.get('hookstream-propagation')).toBeNull();
    const read = await bed.ask(api, `/v1/subscriptions/${id}`);
    expect(at(read.json, 'signing')).toEqual({
      scheme: 'standard-webhooks',
      secrets: [{ fingerprint: expect.stringMatching(/^sha256:/), expiresAt: null }],
    });
  });

  it('keeps filters as they were written, tells routers, and forgets them', async () => {
    const filters = [
      { exact: { subject: 'a' } },
      { any: [{ not: { prefix: { source: 'x' } } }, { cel: 'data.n > 3' }] },
    ];
    const created = await create({ ...minimal, filters });
    expect(created.json).toMatchObject({ filters });
    const id = textAt(created.json, 'id');
    const patched = await bed.ask(api, `/v1/subscriptions/${id}`, { method: 'PATCH', json: { filters: null } });
    expect(patched.json).toMatchObject({ version: 2, filters: [] });
    const [first, second] = await bed.documents(id);
    expect(at(first, 'settings', 'filters')).toEqual(filters);
    expect(at(second, 'settings', 'filters')).toBeUndefined();
  });

  it('has told Kafka before it answers, with the secret sealed', async () => {
    const created = await create();
    const id = textAt(created.json, 'id');
    const [document] = await bed.documents(id);
    expect(document).toMatchObject({ kind: 'subscription', id, version: 1, active: true, activatedAtMs: 0 });
    const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
    const sealed = textAt(document, 'sealedSecrets', '0');
    const key = box.open(sealed, { organization: 'org_default', subscription: id });
    expect(`whsec_${key.toString('base64')}`).toBe(textAt(created.json, 'signing', 'secret'));
    const known = (await bed.records(bed.topics.config)).map(({ value }) => value?.toString()).join();
    expect(known).not.toContain(key.toString('base64'));
  });

  it('seals what shows an endpoint its sender, and shows it nowhere', async () => {
    const auth = { type: 'basic', username: 'u', password: 'open-sesame-42' };
    const created = await create({ endpoint: { ...minimal.endpoint, auth } });
    expect(created.json).toMatchObject({
      endpoint: { auth: { type: 'basic', username: 'u', fingerprint: expect.stringMatching(/^sha256:/) } },
    });
    const id = textAt(created.json, 'id');
    const patched = await bed.ask(api, `/v1/subscriptions/${id}`, { method: 'PATCH', json: { description: 'same' } });
    const [first, second] = await bed.documents(id);
    const sealed = textAt(first, 'settings', 'endpoint', 'auth', 'sealed');
    expect(textAt(second, 'settings', 'endpoint', 'auth', 'sealed')).toBe(sealed);
    const box = new SecretBox([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
    expect(box.open(sealed, { organization: 'org_default', subscription: id }).toString()).toBe('open-sesame-42');
    const exported = await bed.ask(api, '/v1/export');
    const trail = await bed.ask(api, `/v1/audit-trail?resource=${id}`);
    const shown = [created, patched, exported, trail].map(({ text }) => text).join();
    expect(shown).toContain('"username":"u"');
    expect(shown).not.toContain('open-sesame-42');
    expect(shown).not.toContain(sealed);
  });

  it.each([
    ['a field it does not know', { ...minimal, evenTypes: [] }, '/evenTypes', 'did you mean "eventTypes"'],
    ['a binding alone', { ...minimal, payload: { binding: 'delivery' } }, '/payload/hydrate', 'must be given with'],
    ['a filter', { ...minimal, filters: [{ all: [{ equals: {} }] }] }, '/filters/0/all/0', 'must have one member'],
    [
      'an expression',
      { ...minimal, filters: [{ exact: { type: 'a' } }, { cel: 'data.a == 1 &&\n amount > 3' }] },
      '/filters/1/cel',
      'line 2, column 2: there is no "amount"',
    ],
    [
      'a nested one',
      { endpoint: { ...minimal.endpoint, validationHandshake: 'yes' } },
      '/endpoint/validationHandshake',
      'boolean',
    ],
    [
      'a password that is missing',
      { endpoint: { ...minimal.endpoint, auth: { type: 'basic', username: 'u' } } },
      '/endpoint/auth/password',
      'must be given',
    ],
    ['a format', { ...minimal, payload: { format: 'yaml' } }, '/payload/format', 'must be one of'],
    ['no URL', { endpoint: { url: 'hooks.example.com' } }, '/endpoint/url', 'absolute URL'],
    ['credentials', { endpoint: { url: 'https://a:b@c.example' } }, '/endpoint/url', 'credentials'],
    ['a timeout', { endpoint: { ...minimal.endpoint, timeout: '31s' } }, '/endpoint/timeout', 'within 1s to 30s'],
    [
      'a reserved header',
      { endpoint: { ...minimal.endpoint, headers: { 'Webhook-Id': 'x' } } },
      '/endpoint/headers/Webhook-Id',
      'set by Hookstream',
    ],
    ['a secret', { ...minimal, signing: { secret: 'whsec_short' } }, '/signing/secret', ''],
    [
      'a scheme',
      { ...minimal, signing: { scheme: 'md5' }, payload: { format: 'raw' } },
      '/signing/scheme',
      'goes with json, form, xml',
    ],
    ['a pattern', { ...minimal, eventTypes: ['a..b'] }, '/eventTypes/0', ''],
    ['an organization', { ...minimal, organization: 'org_nobody' }, '/organization', 'no such organization'],
  ])('refuses %s and points at it', async (_, json, pointer, message) => {
    const refused = await create(json);
    expect(refused.status).toBe(400);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.json).toMatchObject({ type: '/problems/invalid-request', errors: [{ pointer }] });
    expect(textAt(refused.json, 'errors', '0', 'message')).toContain(message);
  });

  it('changes what a merge patch names, recomputes maxAge, and brings defaults back by null', async () => {
    const id = textAt((await create()).json, 'id');
    const patch = (json: unknown, headers = {}) =>
      bed.ask(api, `/v1/subscriptions/${id}`, { method: 'PATCH', json, headers });
    const first = await patch({ retry: { schedule: ['1s', '2s'], jitter: 0 }, description: 'short' });
    expect(first.json).toMatchObject({
      version: 2,
      description: 'short',
      retry: { schedule: ['1s', '2s'], jitter: 0, maxAge: '1h' },
      endpoint: { url: minimal.endpoint.url },
    });
    expect(first.headers.get('etag')).toBe('"2"');
    expect((await patch({ description: 'short' })).json).toMatchObject({ version: 2 });
    const second = await patch({ retry: null }, { 'content-type': 'application/merge-patch+json' });
    expect(second.json).toMatchObject({ version: 3, retry: { jitter: 0.2 } });
    expect((await bed.documents(id)).map((document) => document?.version)).toEqual([1, 2, 3]);
    expect((await patch({ endpoint: { url: 'nowhere' } })).json).toMatchObject({
      errors: [{ pointer: '/endpoint/url' }],
    });
  });

  it('writes only over the version that If-Match names', async () => {
    const path = `/v1/subscriptions/${textAt((await create()).json, 'id')}`;
    const patch = (ifMatch: string, description: string) =>
      bed.ask(api, path, { method: 'PATCH', json: { description }, headers: { 'if-match': ifMatch } });
    expect((await patch('"1"', 'a')).status).toBe(200);
    expect((await patch('"1"', 'b')).status).toBe(412);
    expect((await patch('W/"2"', 'b')).status).toBe(412);
    expect((await patch('2', 'b')).status).toBe(400);
    expect((await bed.ask(api, path, { method: 'DELETE', headers: { 'if-match': '"1"' } })).status).toBe(412);
    expect((await bed.ask(api, path, { method: 'DELETE', headers: { 'if-match': '"2"' } })).status).toBe(204);
  });

  it('keeps every one of many changes that are made at once', async () => {
    const id = textAt((await create()).json, 'id');
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        bed.ask(api, `/v1/subscriptions/${id}`, { method: 'PATCH', json: { metadata: { [name]: name } } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const read = await bed.ask(api, `/v1/subscriptions/${id}`);
    expect(read.json).toMatchObject({ version: 5, metadata: { a: 'a', b: 'b', c: 'c', d: 'd' } });
    const versions = (await bed.documents(id)).map((document) => document?.version ?? 0);
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    expect(versions.at(-1)).toBe(5);
  });

  it('deactivates and activates, once each, and says since when', async () => {
    const id = textAt((await create()).json, 'id');
    const post = (what: string) => bed.ask(api, `/v1/subscriptions/${id}/${what}`, { method: 'POST' });
    expect((await post('deactivate')).json).toMatchObject({ version: 2, active: false, inactiveReason: 'by-user' });
    expect((await post('deactivate')).json).toMatchObject({ version: 2 });
    const activated = await post('activate');
    expect(activated.json).toMatchObject({ version: 3, active: true, inactiveReason: null });
    const documents = await bed.documents(id);
    expect(documents.at(-1)).toMatchObject({ activatedAtMs: Date.parse(textAt(activated.json, 'activatedAt')) });
  });

  it('pauses and resumes, once each, and tells since when the endpoint is to be asked anew', async () => {
    const id = textAt((await create()).json, 'id');
    const post = (what: string, headers = {}) =>
      bed.ask(api, `/v1/subscriptions/${id}/${what}`, { method: 'POST', headers });
    expect((await post('resume')).json).toMatchObject({ version: 1, paused: false });
    const paused = await post('pause');
    expect(paused.json).toMatchObject({ version: 2, paused: true, active: true });
    expect(paused.headers.get('etag')).toBe('"2"');
    expect((await post('pause')).json).toMatchObject({ version: 2 });
    expect((await post('resume', { 'if-match': '"1"' })).status).toBe(412);
    const before = Date.now();
    expect((await post('resume')).json).toMatchObject({ version: 3, paused: false });
    const [, pausing, resuming] = await bed.documents(id);
    expect(pausing).toMatchObject({ paused: true, resumedAtMs: 0 });
    expect(at(resuming, 'paused')).toBe(false);
    expect(Number(at(resuming, 'resumedAtMs'))).toBeGreaterThanOrEqual(before);
  });

  it('rotates a secret with an overlap that dispatchers are told of, shows the new one once, and revokes the old one', async () => {
    const created = await create();
    const path = `/v1/subscriptions/${textAt(created.json, 'id')}`;
    const headers = { 'idempotency-key': `rotate-${path}` };
    const before = Date.now();
    const rotate = () =>
      bed.ask(api, `${path}/rotate-secret`, { method: 'POST', headers: { ...headers, 'if-match': '"1"' } });
    const rotated = await rotate();
    expect(rotated.status).toBe(200);
    expect(rotated.headers.get('etag')).toBe('"2"');
    const secret = textAt(rotated.json, 'signing', 'secret');
    expect(secret).not.toBe(textAt(created.json, 'signing', 'secret'));
    expect((await rotate()).text).toBe(rotated.text);
    expect((await bed.ask(api, `${path}/rotate-secret`, { json: {}, headers: { 'if-match': '"1"' } })).status).toBe(
      412,
    );
    const read = await bed.ask(api, path);
    expect(read.text).not.toContain(secret);
    const endsAt = Date.parse(textAt(read.json, 'signing', 'secrets', '1', 'expiresAt'));
    expect(endsAt).toBeGreaterThanOrEqual(before + 86_400_000);
    const [, told] = await bed.documents(textAt(created.json, 'id'));
    expect(told).toMatchObject({
      secretsExpireAtMs: [null, endsAt],
      sealedSecrets: [expect.any(String), expect.any(String)],
    });

    const revoked = await bed.ask(api, `${path}/secret`, { method: 'DELETE' });
    expect(revoked.json).toMatchObject({ version: 3, signing: { secrets: [{ expiresAt: null }] } });
    const again = await bed.ask(api, `${path}/secret`, { method: 'DELETE' });
    expect(again.json).toMatchObject({
      type: '/problems/conflict',
      detail: expect.stringContaining('the only secret'),
    });
    const set = await bed.ask(api, `${path}/secret`, { method: 'PUT', json: { secret } });
    expect(set.json).toMatchObject({ version: 3 });
    const wrong = await bed.ask(api, `${path}/secret`, { method: 'PUT', json: { secret: 'hunter2' } });
    expect([wrong.status, wrong.text.includes('hunter2')]).toEqual([400, false]);
    expect((await bed.ask(api, `${path}/secret`)).status).toBe(405);
    const trail = await bed.ask(api, `/v1/audit-trail?resource=${textAt(created.json, 'id')}`);
    expect(trail.json).toMatchObject({
      data: [
        { after: { signing: { secrets: [{}] } } },
        { before: { signing: { secrets: [{}] } }, after: { signing: { secrets: [{}, {}] } } },
        {},
      ],
    });
    expect(trail.text).not.toContain('whsec_');
  });

  it('makes a secret of its own kind for each scheme, and shows what is public of it', async () => {
    const made = await create({ ...minimal, signing: { scheme: 'standard-webhooks-v1a' } });
    expect(made.json).toMatchObject({
      signing: {
        secret: expect.stringMatching(/^whsk_/),
        secrets: [{ publicKey: expect.stringMatching(/^whpk_/) }],
      },
    });
    const path = `/v1/subscriptions/${textAt(made.json, 'id')}`;
    const patch = (signing: unknown) => bed.ask(api, path, { method: 'PATCH', json: { signing } });
    const github = await patch({ scheme: 'github', secret: "It's a Secret to Everybody" });
    expect(github.json).toMatchObject({ signing: { secrets: [{ fingerprint: expect.stringMatching(/^keyed:/) }] } });
    expect((await patch({ scheme: 'none' })).json).toMatchObject({ signing: { scheme: 'none', secrets: [] } });
  });

  it('announces a deletion with a higher version, and no longer knows the id', async () => {
    const id = textAt((await create()).json, 'id');
    expect((await bed.ask(api, `/v1/subscriptions/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await bed.documents(id)).at(-1)).toMatchObject({
      kind: 'deleted',
      id,
      version: 2,
      organization: 'org_default',
    });
    for (const method of ['GET', 'DELETE']) {
      expect((await bed.ask(api, `/v1/subscriptions/${id}`, { method })).status).toBe(404);
    }
  });

  it('lists in pages, newest first, to the end', async () => {
    const made: string[] = [];
    for (let count = 0; count < 3; count += 1) made.unshift(textAt((await create()).json, 'id'));
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const query = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
      const page = await bed.ask(api, `/v1/subscriptions?limit=2${query}`);
      const items = at(page.json, 'data');
      if (Array.isArray(items)) seen.push(...items.map((item) => textAt(item, 'id')));
      cursor = at(page.json, 'nextCursor');
    } while (cursor !== null);
    expect(seen.slice(0, 3)).toEqual(made);
    expect(new Set(seen).size).toBe(seen.length);
    expect((await bed.ask(api, '/v1/subscriptions?limit=0')).json).toMatchObject({ errors: [{ parameter: 'limit' }] });
  });
});

describe('testing a subscription', () => {
  const reports = bed.log.producer();
  afterAll(() => reports.close());

  /** Does the dispatcher's part: takes the next ping of a subscription and reports what became of it. */
  async function dispatch(subscription: string, status: number) {
    const [delivery, partition] = await eventually(async () => {
      const records = await bed.records(bed.topics.deliveries);
      const record = records.findLast(({ key, offset, partition }) => {
        const isNew = !handled.has(`${partition}/${offset}`);
        return isNew && key?.toString() === subscription;
      });
      if (!record) throw new Error('there is no ping yet');
      handled.add(`${record.partition}/${record.offset}`);
      return [decodeDelivery(record), record.partition] as const;
    });
    const { id, organization, run, event, eventBytes, configVersion, firstSeenAtMs, runStartedAtMs } = delivery;
    const other = {
      settles: { topic: bed.topics.deliveries, offset: 0 },
      configVersion,
      firstSeenAtMs,
      runStartedAtMs,
    };
    const report: DeliveryReport = {
      ...{ ...other, delivery: id, organization, run, event, eventBytes, subscription: delivery.subscription },
      ...{ kind: 'attempt', id: 'att_1', number: 1, startedAtMs: Date.now(), durationMs: 3 },
      state: status < 300 ? 'delivered' : 'exhausted',
      outcome: status < 300 ? 'success' : 'failure',
      request: { url: 'https://hooks.example.com/in', method: 'POST', headers: {} },
      response: { status, headers: {}, bodyTruncated: false },
      responseBody: Buffer.from('thanks'),
    };
    await reports.send(encodeReport(bed.topics.attempts, partition, report));
    return delivery;
  }
  const handled = new Set<string>();
  const test = (id: string) => bed.ask(api, `/v1/subscriptions/${id}/test`, { method: 'POST' });

  it('answers what became of the ping, and deactivates where a failure is to', async () => {
    const made = await create({ ...minimal, test: { failureDeactivates: true, body: { type: 'ping' } } });
    const id = textAt(made.json, 'id');
    const [ok, ping] = await Promise.all([test(id), dispatch(id, 200)]);
    expect(ok).toMatchObject({
      status: 200,
      json: { delivery: ping.id, state: 'delivered', response: { status: 200, body: 'thanks' } },
    });
    expect(String(ping.data)).toBe('{"type":"ping"}');
    const [failed] = await Promise.all([test(id), dispatch(id, 503)]);
    expect(failed.json).toMatchObject({
      ...{ state: 'exhausted', response: { status: 503 } },
      subscription: { active: false, inactiveReason: 'test-failed', version: 2 },
    });
    expect((await bed.documents(id)).at(-1)).toMatchObject({ version: 2, active: false });
    const read = await bed.ask(api, `/v1/subscriptions/${id}`);
    expect(read.json).toMatchObject({ active: false, inactiveSince: expect.stringMatching(/Z$/) });
    expect((await test(id)).status).toBe(409);
  });

  it('says that it is pending where no dispatcher is there, in time', async () => {
    const made = await create({ endpoint: { url: 'https://hooks.example.com/in', timeout: '1s' } });
    const startedAt = performance.now();
    const answer = await test(textAt(made.json, 'id'));
    expect(answer).toMatchObject({ status: 202, json: { state: 'pending', delivery: expect.stringMatching(/^dlv_/) } });
    expect(performance.now() - startedAt).toBeLessThan(9_000);
  });

  it('finds the outcome in whichever replica is asked, and one that is stopped says that it is pending', async () => {
    const made = await create();
    const id = textAt(made.json, 'id');
    const replica = await bed.start();
    const testAt = (service: RunningService) => bed.ask(service, `/v1/subscriptions/${id}/test`, { method: 'POST' });
    const [found] = await Promise.all([testAt(replica), dispatch(id, 200)]);
    expect(found).toMatchObject({ status: 200, json: { state: 'delivered' } });
    const underWay = testAt(replica);
    const [late] = await Promise.all([testAt(api), dispatch(id, 204).then(() => dispatch(id, 204))]);
    expect(late.status).toBe(200);
    await underWay;
    const pings = (await bed.records(bed.topics.deliveries)).length;
    const left = testAt(replica);
    await eventually(async () => expect(await bed.records(bed.topics.deliveries)).toHaveLength(pings + 1));
    await bed.stop(replica);
    expect(await left).toMatchObject({ status: 202, json: { state: 'pending' } });
  });

  it('pings at an activation, where that is wanted, and at no other change', async () => {
    const made = await create({ ...minimal, startInactive: true, test: { onActivation: true } });
    const id = textAt(made.json, 'id');
    const path = `/v1/subscriptions/${id}`;
    expect(made.json).toMatchObject({ active: false });
    expect(made.headers.get('hookstream-ping')).toBeNull();
    const patch = (json: unknown) => bed.ask(api, path, { method: 'PATCH', json });
    expect((await patch({ startInactive: false })).status).toBe(400);
    const on = await patch({ active: true });
    expect(on.headers.get('hookstream-ping')).toBe((await dispatch(id, 200)).id);
    expect((await patch({ description: 'x' })).headers.get('hookstream-ping')).toBeNull();
    const post = (what: string, json?: unknown) => bed.ask(api, `${path}/${what}`, { method: 'POST', json });
    await post('deactivate');
    expect((await post('activate', { pingOnActivation: false })).headers.get('hookstream-ping')).toBeNull();
    await post('deactivate');
    expect((await post('activate')).headers.get('hookstream-ping')).toMatch(/^dlv_/);
  });

  it('is applied and exported, and a dry run pings nobody', async () => {
    const { json } = await bed.ask(api, '/v1/organizations', { json: { name: 'pings' } });
    const organization = textAt(json, 'id');
    const one = { ...minimal, name: 'pinged', test: { onActivation: true, body: { type: 'ping' } } };
    const document = { organization, subscriptions: [one, { ...one, name: 'not yet', startInactive: true }] };
    const apply = (query = '') => bed.ask(api, `/v1/apply${query}`, { method: 'PUT', json: document });
    const before = (await bed.records(bed.topics.deliveries)).length;
    expect((await apply('?dryRun=true')).json).toMatchObject({ created: 2 });
    expect(await bed.records(bed.topics.deliveries)).toHaveLength(before);
    const applied = await apply();
    expect(at(applied.json, 'changes')).toEqual([
      expect.objectContaining({ name: 'pinged', ping: expect.stringMatching(/^dlv_/) }),
      expect.not.objectContaining({ ping: expect.anything() }),
    ]);
    expect(await bed.records(bed.topics.deliveries)).toHaveLength(before + 1);
    expect((await apply()).json).toMatchObject({ unchanged: 2, changes: [] });
    const exported = await bed.ask(api, `/v1/export?organization=${organization}`);
    expect(at(exported.json, 'subscriptions')).toMatchObject([{ test: one.test }, { active: false }]);
    const again = await bed.ask(api, '/v1/apply', { method: 'PUT', json: exported.json });
    expect(again.json).toMatchObject({ unchanged: 2, changes: [] });
  });
});
