// Real: PostgreSQL, Kafka, Nest, HTTP.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCommand } from '@hookstream/contracts';
import { isId } from '@hookstream/domain';
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
const trail = async (query: string, key?: string) => {
  const { json } = await send('GET', `/v1/audit-trail?${query}`, undefined, key);
  const data = at(json, 'data');
  return Array.isArray(data) ? data.map((entry: unknown) => entry) : [];
};

async function tenant(name: string): Promise<{ readonly id: string; readonly key: string; readonly keyId: string }> {
  const id = textAt((await send('POST', '/v1/organizations', { name })).json, 'id');
  const { json } = await send('POST', '/v1/api-keys', { organization: id, name });
  return { id, key: textAt(json, 'key'), keyId: textAt(json, 'id') };
}

describe('/v1/audit-trail', () => {
  it('tells who changed what, from where and when, with before and after and no secret', async () => {
    const { id, key, keyId } = await tenant('audited');
    const headers = { 'x-request-id': 'deploy-7' };
    const made = await send('POST', '/v1/subscriptions', { endpoint: { url: 'https://x.example' } }, key, headers);
    expect(made.headers.get('x-request-id')).toBe('deploy-7');
    const path = `/v1/subscriptions/${textAt(made.json, 'id')}`;
    await send('PATCH', path, { name: 'renamed' }, key);
    await send('DELETE', path, undefined, key);
    const entries = await trail(`resource=${textAt(made.json, 'id')}`, key);
    expect(entries).toMatchObject([
      { action: 'delete', before: { name: 'renamed' }, after: null },
      { action: 'update', before: { name: 'x.example' }, after: { name: 'renamed', version: 2 } },
      {
        action: 'create',
        at: expect.any(String),
        organization: id,
        actor: { key: keyId, role: 'admin', address: '127.0.0.1' },
        requestId: 'deploy-7',
        resource: { kind: 'subscription', id: textAt(made.json, 'id'), version: 1 },
        before: null,
        after: { signing: { secrets: [{ fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{16}$/) }] } },
      },
    ]);
    const text = JSON.stringify(entries);
    expect(text).not.toContain(textAt(made.json, 'signing', 'secret'));
    expect(text).not.toContain(key);
    const keys = JSON.stringify(await trail('kind=api-key', key));
    expect(keys).toContain(keyId);
    expect(keys).not.toContain(key);
  });

  it('keeps no entry of what changed nothing, was refused, or failed its precondition', async () => {
    const { key } = await tenant('quiet');
    const made = await send('POST', '/v1/subscriptions', { endpoint: { url: 'https://x.example' } }, key);
    const path = `/v1/subscriptions/${textAt(made.json, 'id')}`;
    await send('PATCH', path, { name: 'x.example' }, key);
    await send('POST', `${path}/activate`, undefined, key);
    await send('PATCH', path, { name: 7 }, key);
    await send('PATCH', path, { name: 'y' }, key, { 'if-match': '"9"' });
    expect(await trail('kind=subscription', key)).toHaveLength(1);
  });

  it('filters by actor, action and time, page by page', async () => {
    const { key, keyId } = await tenant('busy');
    for (const name of ['a.a', 'a.b', 'a.c']) await send('POST', '/v1/event-types', { name }, key);
    const first = await send('GET', `/v1/audit-trail?actor=${keyId}&action=create&limit=2`, undefined, key);
    expect(at(first.json, 'data')).toMatchObject([{ after: { name: 'a.c' } }, { after: { name: 'a.b' } }]);
    const cursor = textAt(first.json, 'nextCursor');
    const rest = await send('GET', `/v1/audit-trail?actor=${keyId}&cursor=${cursor}`, undefined, key);
    expect(rest.json).toMatchObject({ data: [{ after: { name: 'a.a' } }], nextCursor: null });
    const soon = new Date(Date.now() + 60_000).toISOString();
    expect(await trail(`from=${encodeURIComponent(soon)}`, key)).toEqual([]);
    expect(await trail(`to=${encodeURIComponent(soon)}&actor=${keyId}`, key)).toHaveLength(3);
    const bad = await send('GET', '/v1/audit-trail?from=yesterday', undefined, key);
    expect(bad.json).toMatchObject({ status: 400, errors: [{ parameter: 'from' }] });
  });

  it('shows an organization nothing of another one, nor of the platform', async () => {
    const [one, other] = [await tenant('one'), await tenant('other')];
    await send('POST', '/v1/event-types', { name: 'one.thing' }, one.key);
    await send('POST', '/v1/event-types', { name: 'all.things', organization: null });
    const seen = JSON.stringify(await trail('limit=200', other.key));
    expect(seen).not.toContain(one.id);
    expect(seen).not.toContain('all.things');
    const foreign = await send('GET', `/v1/audit-trail?organization=${one.id}`, undefined, other.key);
    expect(foreign.json).toMatchObject({ errors: [{ parameter: 'organization' }] });
  });

  it('tells what Hookstream itself did at the wish of a dispatcher', async () => {
    const made = await send('POST', '/v1/subscriptions', { endpoint: { url: 'https://gone.example' } });
    const subscription = textAt(made.json, 'id');
    if (!isId('sub', subscription)) throw new Error(made.text);
    const producer = bed.log.producer();
    const command = {
      kind: 'deactivate-subscription',
      subscription,
      reason: 'gone',
      expectedVersion: 1,
      atMs: 0,
    } as const;
    await producer.send(encodeCommand(bed.topics.commands, command));
    await producer.close();
    await eventually(async () => expect(await trail(`resource=${subscription}&actor=system`)).toHaveLength(1), {
      timeoutMs: 20_000,
    });
    expect(await trail(`resource=${subscription}&actor=system`)).toMatchObject([
      { actor: { key: null, role: 'system', address: null }, after: { active: false, inactiveReason: 'gone' } },
    ]);
  });
});
