import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeBinaryCloudEvent } from '@hookstream/contracts';
import { eventually, ScriptedReceiver } from '@hookstream/testing';
import { startWorld, type World } from '../support/world.js';

// Real: all five services as processes, Kafka, PostgreSQL, receivers. Fake: nothing.
describe('deliveries that wait', () => {
  let world: World;
  let sick: ScriptedReceiver;
  let well: ScriptedReceiver;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  beforeEach(async () => {
    sick = await ScriptedReceiver.start();
    well = await ScriptedReceiver.start();
  });
  afterEach(async () => {
    await Promise.all([sick.close(), well.close()]);
  });

  const ids = (receiver: ScriptedReceiver) => new Set(receiver.journal.map(({ headers }) => headers['webhook-id']));

  it('for a paused subscription are not attempted 5 s after the pause is acknowledged, and all are when it is resumed', async () => {
    const { id } = await world.api.subscribe({ eventTypes: ['paused.seen'], endpoint: { url: sick.url() } });
    await world.api.publish({ type: 'paused.seen', data: 0 });
    await eventually(() => expect(sick.journal).toHaveLength(1), { timeoutMs: 30_000 });

    const paused = await world.api.call('POST', `/v1/subscriptions/${id}/pause`);
    expect(paused).toMatchObject({ status: 200, body: { paused: true } });
    await sleep(5_000);
    for (let n = 1; n <= 20; n += 1) await world.api.publish({ type: 'paused.seen', data: n });
    await eventually(
      async () => expect(await world.api.deliveries(`subscription=${id}&state=pending`)).toHaveLength(20),
      { timeoutMs: 30_000 },
    );
    await sleep(5_000);
    expect(sick.journal).toHaveLength(1);

    await world.api.call('POST', `/v1/subscriptions/${id}/resume`);
    await eventually(() => expect(sick.journal).toHaveLength(21), { timeoutMs: 30_000 });
    await eventually(
      async () => expect(await world.api.deliveries(`subscription=${id}&state=delivered&limit=50`)).toHaveLength(21),
      { timeoutMs: 30_000 },
    );
    await world.api.call('DELETE', `/v1/subscriptions/${id}`);
  });

  it('do not begin before their endpoint has agreed, where it is to be asked', async () => {
    let leave: Record<string, string> = {};
    well.answerWith(() => ({ status: 200, headers: leave }));
    const endpoint = { url: well.url('/asked'), validationHandshake: true };
    const auth = { type: 'bearer', token: 'never-shown' };
    const { id } = await world.api.subscribe({ eventTypes: ['asked.seen'], endpoint: { ...endpoint, auth } });
    const activate = () =>
      world.api.call<{ detail?: string; handshake?: unknown }>('POST', `/v1/subscriptions/${id}/activate`);

    const refused = await activate();
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('WebHook-Allowed-Origin') } });
    const [asked] = well.journal;
    expect(asked).toMatchObject({ method: 'OPTIONS', path: '/asked' });
    expect(asked?.headers).toMatchObject({ 'webhook-request-origin': '127.0.0.1' });
    expect(Object.keys(asked?.headers ?? {}).filter((name) => /^auth|^webhook-[^r]|^content-type/.test(name))).toEqual(
      [],
    );
    const read = await world.api.call('GET', `/v1/subscriptions/${id}`);
    expect(read.body).toMatchObject({ active: false, inactiveReason: 'handshake-failed', handshake: null });
    const delivery = /dlv_\w+/.exec(refused.body.detail ?? '')?.[0] ?? '';
    await eventually(async () => {
      const [attempt] = await world.api.attemptsOf(delivery);
      expect(attempt).toMatchObject({ request: { method: 'OPTIONS', body: '' }, response: { status: 200 } });
    });

    leave = { 'webhook-allowed-origin': '127.0.0.1', 'webhook-allowed-rate': '600' };
    expect(await activate()).toMatchObject({
      status: 200,
      body: { active: true, handshake: { url: endpoint.url, perSecond: 10 } },
    });
    await world.api.publish({ type: 'asked.seen', data: 1 });
    await eventually(() => expect(well.journal).toHaveLength(3), { timeoutMs: 30_000 });
    await world.api.call('DELETE', `/v1/subscriptions/${id}`);
    expect(well.journal.map(({ method }) => method)).toEqual(['OPTIONS', 'OPTIONS', 'POST']);
  });

  it('for an endpoint that is down come back when it is well, each once, and delay nobody meanwhile', async () => {
    const count = 2_000;
    sick.answerWith(() => ({ status: 503 }));
    const retry = { schedule: ['5s', '5s', '10s', '10s', '20s', '20s', '30s', '30s', '30s'], jitter: 0 };
    const down = await world.api.subscribe({ eventTypes: ['outage.seen'], endpoint: { url: sick.url() }, retry });
    const other = await world.api.subscribe({ eventTypes: ['outage.seen'], endpoint: { url: well.url() } });
    const publish = (from: number, to: number) =>
      world.producer.sendAll(
        Array.from({ length: to - from }, (_, n) =>
          encodeBinaryCloudEvent(world.topics.events, {
            id: `outage-${from + n}`,
            source: 'test',
            type: 'outage.seen',
            organization: 'org_default',
            data: Buffer.from(String(from + n)),
          }),
        ),
      );
    await publish(0, 200);
    await eventually(() => expect(well.journal).toHaveLength(200), { timeoutMs: 60_000 });
    await publish(200, count);
    await eventually(() => expect(well.journal).toHaveLength(count), { timeoutMs: 60_000 });
    // Far fewer requests than events: what would fail is not sent.
    expect(sick.journal.length).toBeLessThan(600);

    const failed = sick.journal.length;
    sick.answerWith(() => ({ status: 200 }));
    const healed = () => new Set(sick.journal.slice(failed).map(({ headers }) => headers['webhook-id']));
    await eventually(() => expect(healed().size).toBe(count), { timeoutMs: 180_000 });
    expect(sick.journal.length - failed).toBe(count);
    expect(ids(sick).size).toBe(count);
    for (const { id } of [down, other]) await world.api.call('DELETE', `/v1/subscriptions/${id}`);
  });
});
