// Real: PostgreSQL, Kafka, Nest, HTTP; a bare HTTP server for audit-log.
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, createDataSource } from '@hookstream/database';
import { type RunningService } from '@hookstream/service';
import { testDatabaseUrl } from '@hookstream/testing';
import { at, ConfigApiBed, textAt } from './support/config-api-bed.js';

const bed = new ConfigApiBed();
const auditLog = createServer((_request, response) =>
  response.writeHead(202, { etag: '"9"' }).end(`{"at":${++asked}}`),
);
const tables = createDataSource(
  { url: testDatabaseUrl(), schema: bed.schema, applicationName: 'test' },
  { migrations: [] },
);
let asked = 0;
let api: RunningService;

beforeAll(async () => {
  await new Promise<void>((resolve) => auditLog.listen(0, '127.0.0.1', resolve));
  const address = auditLog.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await bed.makeTopics();
  api = await bed.start({ HOOKSTREAM_AUDIT_LOG_URL: `http://127.0.0.1:${port}` });
  await connectDatabase(tables, { logger: { info: () => undefined, warn: () => undefined } });
});
afterAll(async () => {
  auditLog.close();
  await tables.destroy();
  await bed.close();
});

const subscription = (name: string) => ({ name, endpoint: { url: 'https://x.example' } });
const post = (path: string, json: unknown, name: string, key?: string) =>
  bed.ask(api, path, { json, headers: { 'idempotency-key': name }, ...(key !== undefined && { key }) });
const named = async (name: string) => {
  const listed = at((await bed.ask(api, '/v1/subscriptions?limit=200')).json, 'data');
  const all = Array.isArray(listed) ? listed.map((one: unknown) => one) : [];
  return all.filter((one) => at(one, 'name') === name);
};

describe('Idempotency-Key', () => {
  it('answers the same request with the same answer, secret and all, and does it once', async () => {
    const first = await post('/v1/subscriptions', subscription('once'), 'k-1');
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const again = await post('/v1/subscriptions', subscription('once'), 'k-1');
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    for (const header of ['etag', 'location', 'content-type']) {
      expect(again.headers.get(header)).toBe(first.headers.get(header));
    }
    expect(await named('once')).toHaveLength(1);
    const rows: unknown = await tables.query('SELECT * FROM request_names');
    expect(JSON.stringify(rows)).not.toContain(textAt(first.json, 'signing', 'secret'));
    expect(JSON.stringify(rows)).toContain('v1.k1.');
  });

  it('refuses the key for another body or path, and keeps the keys of callers apart', async () => {
    await post('/v1/subscriptions', subscription('first'), 'k-2');
    const other = await post('/v1/subscriptions', subscription('second'), 'k-2');
    expect(other.json).toMatchObject({ status: 422, errors: [{ parameter: 'Idempotency-Key' }] });
    expect((await post('/v1/organizations', subscription('first'), 'k-2')).status).toBe(422);
    const key = textAt((await bed.ask(api, '/v1/api-keys', { json: { name: 'x' } })).json, 'key');
    expect((await post('/v1/subscriptions', subscription('second'), 'k-2', key)).status).toBe(201);
    expect(await named('second')).toHaveLength(1);
  });

  it('lets one of many that come at once through, and tells the others to wait or what it answered', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => post('/v1/subscriptions', subscription('raced'), 'k-3')),
    );
    expect(all.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(new Set(all.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
    expect(await named('raced')).toHaveLength(1);
  });

  it('repeats a refusal, and does anew what was refused for reasons of ours', async () => {
    const refused = await post('/v1/subscriptions', { name: 7 }, 'k-4');
    const again = await post('/v1/subscriptions', { name: 7 }, 'k-4');
    expect(again.text).toBe(refused.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const bad = await post('/v1/subscriptions', subscription('x'), 'a b');
    expect(bad.json).toMatchObject({ status: 400, errors: [{ parameter: 'Idempotency-Key' }] });
  });

  it('never does again what was cut off, and says so', async () => {
    await post('/v1/subscriptions', subscription('cut'), 'k-5');
    await tables.query(`UPDATE request_names SET answer = NULL WHERE name = 'k-5'`);
    const running = await post('/v1/subscriptions', subscription('cut'), 'k-5');
    expect(running.json).toMatchObject({ status: 409, detail: expect.stringContaining('under way') });
    expect(running.headers.get('retry-after')).toBe('1');
    await tables.query(`UPDATE request_names SET claimed_at = now() - interval '1 hour' WHERE name = 'k-5'`);
    const lost = await post('/v1/subscriptions', subscription('cut'), 'k-5');
    expect(lost.json).toMatchObject({ status: 409, detail: expect.stringContaining('use a new key') });
    await tables.query(`UPDATE request_names SET claimed_at = now() - interval '25 hours' WHERE name = 'k-5'`);
    expect((await post('/v1/subscriptions', subscription('cut'), 'k-5')).status).toBe(201);
  });

  it('holds for events, actions and the forwarded paths of the log as well', async () => {
    const event = { type: 'a.b', data: 1 };
    const first = await post('/v1/events', event, 'k-6');
    expect(first.status).toBe(202);
    expect((await post('/v1/events', event, 'k-6')).text).toBe(first.text);
    expect(await bed.records(bed.topics.events)).toHaveLength(1);
    const replayed = await post('/v1/replays', { subscription: 'x' }, 'k-7');
    expect(replayed.text).toBe('{"at":1}');
    expect((await post('/v1/replays', { subscription: 'x' }, 'k-7')).text).toBe('{"at":1}');
    expect(asked).toBe(1);
  });

  it('asks for the caller first', async () => {
    const unknown = await post('/v1/subscriptions', subscription('x'), 'k-8', `hsk_${'1'.repeat(64)}`);
    expect(unknown.status).toBe(401);
  });
});
