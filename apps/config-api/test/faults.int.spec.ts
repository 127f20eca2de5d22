// Real: PostgreSQL behind a proxy that can be cut, Kafka, Nest, HTTP. Scripted: audit-log.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeDelivery, encodeCommand } from '@hookstream/contracts';
import { type RunningService } from '@hookstream/service';
import { eventually, freePort, ScriptedReceiver, testDatabaseUrl } from '@hookstream/testing';
import { ConfigApiBed, textAt } from './support/config-api-bed.js';
import { CuttableProxy } from './support/cuttable-proxy.js';

const bed = new ConfigApiBed();
let proxy: CuttableProxy;
let auditLog: ScriptedReceiver;
let api: RunningService;

const subscription = { endpoint: { url: 'https://x.example' } };
const create = (service = api) => bed.ask(service, '/v1/subscriptions', { json: subscription });

const settings = () => ({
  HOOKSTREAM_DATABASE_URL: proxy.through(testDatabaseUrl()),
  HOOKSTREAM_AUDIT_LOG_URL: auditLog.url('').replace(/\/$/, ''),
});

beforeAll(async () => {
  await bed.makeTopics();
  proxy = await CuttableProxy.before(testDatabaseUrl());
  auditLog = await ScriptedReceiver.start();
  api = await bed.start(settings());
});
afterAll(async () => {
  await bed.close();
  await proxy.cut();
  await auditLog.close();
});

describe('config-api without its database', () => {
  it('answers 503 and recovers by itself, while events are taken all the time', async () => {
    expect((await create()).status).toBe(201);
    await proxy.cut();
    try {
      const refused = await create();
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(refused.text).not.toContain('ECONNREFUSED');
      const taken = await bed.ask(api, '/v1/events', { json: { type: 'a', data: 1 } });
      expect(taken.status).toBe(202);
      await eventually(async () => expect((await fetch(`${api.url}/readyz`)).status).toBe(503));
    } finally {
      await proxy.restore();
    }
    await eventually(async () => expect((await create()).status).toBe(201));
    await eventually(async () => expect((await fetch(`${api.url}/readyz`)).status).toBe(200));
  });

  it('waits for a database that is away at the start', async () => {
    await proxy.cut();
    let waiting: RunningService;
    try {
      waiting = await bed.listen({ HOOKSTREAM_DATABASE_URL: proxy.through(testDatabaseUrl()) });
      expect((await fetch(`${waiting.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${waiting.url}/readyz`)).status).toBe(503);
      await eventually(() => expect(bed.lines.join('')).toContain('the database cannot be reached, trying again'));
    } finally {
      await proxy.restore();
    }
    await eventually(async () => expect((await create(waiting)).status).toBe(201), { timeoutMs: 20_000 });
    await bed.stop(waiting);
  });
});

describe('config-api without Kafka', () => {
  it('stores a change, says that it is pending, and another replica brings it to Kafka', async () => {
    await bed.stop(api);
    const alone = await bed.listen({ HOOKSTREAM_KAFKA_BROKERS: `127.0.0.1:${await freePort()}` });
    const created = await eventually(
      async () => {
        const answer = await create(alone);
        expect(answer.status).toBe(201);
        return answer;
      },
      { timeoutMs: 20_000 },
    );
    expect(created.headers.get('hookstream-propagation')).toBe('pending');
    api = await bed.start(settings());
    const id = textAt(created.json, 'id');
    await eventually(async () => expect(await bed.documents(id)).not.toHaveLength(0), { timeoutMs: 20_000 });

    const startedAt = performance.now();
    const refused = await bed.ask(alone, '/v1/events', { json: { type: 'a', data: 1 } });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await bed.stop(alone);
  });
});

describe('commands', () => {
  it('deactivates the version that the dispatcher saw, once, and puts aside what is no command', async () => {
    const id = textAt((await create()).json, 'id') as `sub_${string}`;
    const command = (expectedVersion: number) =>
      encodeCommand(bed.topics.commands, {
        kind: 'deactivate-subscription',
        subscription: id,
        reason: 'gone',
        expectedVersion,
        atMs: Date.now(),
      });
    const producer = bed.log.producer({ ordered: true });
    const poison = { topic: bed.topics.commands, key: 'x', value: Buffer.from('{') };
    await producer.sendAll([command(7), poison, command(1), command(1)]);
    await eventually(async () => {
      const { json } = await bed.ask(api, `/v1/subscriptions/${id}`);
      expect(json).toMatchObject({ active: false, inactiveReason: 'gone', version: 2 });
    });
    await eventually(async () => expect(await bed.records(bed.topics.deadLetters)).toHaveLength(1));
    expect((await bed.documents(id)).at(-1)).toMatchObject({ version: 2, active: false });
    await producer.close();
  });
});

describe('the log behind the one origin', () => {
  it("is asked with the caller's own key and path, and its answer passed on", async () => {
    auditLog.answerWith(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"data":[]}' }));
    const answer = await bed.ask(api, '/v1/deliveries?state=exhausted&state=retrying', { key: 'hsk_someone' });
    expect(answer).toMatchObject({ status: 200, json: { data: [] } });
    const [request] = auditLog.requestsTo('/v1/deliveries?state=exhausted&state=retrying');
    expect(request?.headers).toMatchObject({ authorization: 'Bearer hsk_someone' });
    const replay = await bed.ask(api, '/v1/deliveries/dlv_1/replay', { json: { a: 1 } });
    expect(replay.status).toBe(200);
    expect(auditLog.requestsTo('/v1/deliveries/dlv_1/replay')[0]?.body.toString()).toBe('{"a":1}');
    expect((await bed.ask(api, '/v1/events/evt_1')).status).toBe(200);
  });

  it('cannot be led to other paths of audit-log', async () => {
    const before = auditLog.journal.length;
    const { request } = await import('node:http');
    for (const path of [
      '/v1/deliveries/../../metrics',
      '/v1/deliveries/%2e%2e/%2e%2e/metrics',
      '/v1/events/..%2f..%2fmetrics',
    ]) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const asking = request(`${api.url}/`, { path }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asking.on('error', reject).end();
      });
      expect([400, 404]).toContain(status);
    }
    expect(auditLog.journal).toHaveLength(before);
  });

  it('is a 503 of its own when it is away', async () => {
    await auditLog.close();
    const answer = await bed.ask(api, '/v1/deliveries');
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ type: '/problems/unavailable', detail: expect.stringContaining('log') });
    expect((await create()).status).toBe(201);
  });
});

describe('a config-api that dies between an activation and its ping', () => {
  it('leaves a note of it, by which the ping is sent later, once', async () => {
    // As if it died before it forgot what it owes: the ping is written, and the note stays.
    await bed.query('CREATE RULE dead AS ON DELETE TO owed_pings DO INSTEAD NOTHING');
    const made = await bed.ask(api, '/v1/subscriptions', { json: { ...subscription, test: { onActivation: true } } });
    const id = textAt(made.json, 'id');
    const owed = () => bed.query('SELECT subscription FROM owed_pings');
    const pings = async () => {
      const records = await bed.records(bed.topics.deliveries);
      return records.filter(({ key }) => key?.toString() === id).map((record) => decodeDelivery(record).id);
    };
    expect(await owed()).toEqual([{ subscription: id }]);
    const [first] = await pings();

    await bed.query('DROP RULE dead ON owed_pings');
    await bed.query("UPDATE owed_pings SET owed_since = now() - interval '31 s'");
    await eventually(async () => expect(await owed()).toEqual([]), { timeoutMs: 30_000 });
    expect(await pings()).toEqual([first, first]);
  });
});
