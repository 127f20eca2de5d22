import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, inTurn, perHeader, ScriptedReceiver } from '@hookstream/testing';
import { HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import type { DeliveryView } from '../support/api-client.js';
import { IN_FORCE_MS, SwitchedSubscription } from '../support/switched-subscription.js';
import { startWorld, type World } from '../support/world.js';

interface TestAnswer {
  readonly delivery: string;
}

// Real: all five services as processes, Kafka, PostgreSQL, receivers. Fake: nothing.
describe('an event on its way from a topic to an endpoint', () => {
  let world: World;
  let receiver: ScriptedReceiver;
  const opened: string[] = [];

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  afterEach(async () => {
    for (const id of opened.splice(0)) await world.api.call('DELETE', `/v1/subscriptions/${id}`);
    await receiver.close();
  });

  async function subscribe(settings: Readonly<Record<string, unknown>>) {
    const subscription = await world.api.subscribe({ name: `to ${receiver.port}`, ...settings });
    opened.push(subscription.id);
    return subscription;
  }

  const theOnlyDelivery = async (subscription: string, state: string): Promise<DeliveryView> =>
    eventually(
      async () => {
        const deliveries = await world.api.deliveries(`subscription=${subscription}&state=${state}`);
        expect(deliveries).toHaveLength(1);
        const [delivery] = deliveries;
        if (!delivery) throw new Error('no delivery');
        return delivery;
      },
      { timeoutMs: 30_000 },
    );

  it('is delivered once from POST /v1/events, verifies, and is found in the log with its attempt', async () => {
    receiver = await ScriptedReceiver.start();
    const { id, secret } = await subscribe({
      eventTypes: ['invoice.submitted'],
      endpoint: { url: receiver.url('/hook') },
    });
    const eventId = await world.api.publish({ type: 'invoice.submitted', data: { amount: 12.5 }, subject: 'inv-1' });

    const delivery = await theOnlyDelivery(id, 'delivered');
    const [request] = receiver.journal;
    expect(receiver.journal).toHaveLength(1);
    expect(request?.headers).toMatchObject({
      'webhook-id': delivery.id,
      'hookstream-event-id': eventId,
      'hookstream-hops': '1',
      'content-type': expect.stringContaining('application/json') as unknown,
    });
    const verified: unknown = new Webhook(secret).verify(
      request?.body ?? '',
      request?.headers as Record<string, string>,
    );
    expect(verified).toMatchObject({ type: 'invoice.submitted', data: { amount: 12.5 } });
    expect(delivery).toMatchObject({ attempts: 1, event: { id: eventId, type: 'invoice.submitted' } });

    const [attempt] = await world.api.attemptsOf(delivery.id);
    expect(attempt).toMatchObject({ number: 1, response: { status: 200 } });
    expect(attempt?.request).toMatchObject({ url: receiver.url('/hook'), body: request?.body.toString() });
  });

  it('keeps the data as the producer wrote it: digits, spaces and order of keys', async () => {
    receiver = await ScriptedReceiver.start();
    const { id } = await subscribe({ eventTypes: ['raw.kept'], endpoint: { url: receiver.url() } });
    const data = '{"z": 12345678901234567890.10,\n  "a":[1.0,  2]}';
    await world.api.call('POST', '/v1/events', `{"type":"raw.kept","data":${data}}`);
    await theOnlyDelivery(id, 'delivered');
    expect(receiver.journal[0]?.body.toString()).toContain(`"data":${data}`);
  });

  it('arrives in every format, signed over the bytes that are sent, and the log shows those bytes', async () => {
    receiver = await ScriptedReceiver.start();
    const formats = ['raw', 'form', 'xml', 'cloudevents-binary', 'cloudevents-structured'];
    const subscriptions = await Promise.all(
      formats.map((format) =>
        subscribe({ eventTypes: ['formats.all'], endpoint: { url: receiver.url(`/${format}`) }, payload: { format } }),
      ),
    );
    const event = { type: 'formats.all', id: 'f-1', subject: 'Müller & Co', time: '2026-01-02T03:04:05Z' };
    await world.api.publish({ ...event, data: { name: 'Müller', tags: [1, null] } });
    for (const [i, { id, secret }] of subscriptions.entries()) {
      const delivery = await theOnlyDelivery(id, 'delivered');
      const [request] = receiver.requestsTo(`/${formats[i]}`);
      new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>, { jsonParse: false });
      const [attempt] = await world.api.attemptsOf(delivery.id);
      expect(attempt?.request).toMatchObject({ body: request?.body.toString() });
    }

    const bodyOf = (format: string) => receiver.requestsTo(`/${format}`)[0]?.body.toString() ?? '';
    expect(bodyOf('raw')).toBe('{"name":"Müller","tags":[1,null]}');
    expect(bodyOf('xml')).toContain('<name>Müller</name><tags><item>1</item><item nil="true"/></tags>');
    expect(new URLSearchParams(bodyOf('form')).get('data[name]')).toBe('Müller');
    for (const mode of ['cloudevents-binary', 'cloudevents-structured']) {
      const [request] = receiver.requestsTo(`/${mode}`);
      const read = HTTP.toEvent({ headers: request?.headers ?? {}, body: request?.body.toString() ?? '' });
      expect(read).toMatchObject({
        ...event,
        // The SDK writes times its own way.
        time: new Date(event.time).toISOString(),
        subject: mode.endsWith('binary') ? 'M%C3%BCller%20&%20Co' : event.subject,
      });
      expect(read).toMatchObject({ specversion: '1.0', data: { name: 'Müller', tags: [1, null] } });
    }
  });

  it('arrives as each profile says', async () => {
    receiver = await ScriptedReceiver.start();
    const submitted = await subscribe({
      ...{ profile: 'defacto', eventTypes: ['Invoice.*'], endpoint: { url: receiver.url('/defacto') } },
    });
    const hub = await subscribe({
      profile: 'github',
      eventTypes: ['issues.*'],
      endpoint: { url: receiver.url('/github') },
      signing: { secret: 'a secret of ours' },
    });
    await subscribe({ profile: 'slack', eventTypes: ['issues.*'], endpoint: { url: receiver.url('/slack') } });
    await world.api.publish({
      ...{ type: 'Invoice.SUBMITTED', id: 'a18d5057-0092-4555-b865-7ade03c3ac9b', time: '2022-02-11T11:26:59.631326Z' },
      data: { amount: 12.5, lines: [1] },
    });
    await world.api.publish({ type: 'issues.opened', subject: '#16', data: { action: 'opened' } });
    receiver.answerWith(({ method }) => (method === 'GET' ? { body: '{"number":7}' } : {}));
    const billed = await subscribe({
      ...{ profile: 'snapbill', eventTypes: ['invoice.update.*'], endpoint: { url: receiver.url('/snapbill') } },
      payload: { hydrate: { url: receiver.url('/invoices/{{event.subject}}') } },
    });
    await world.api.publish({ type: 'invoice.update.state', id: 'c1', subject: '7', data: { details: 'paid' } });
    for (const { id } of [billed, submitted]) await theOnlyDelivery(id, 'delivered');
    await eventually(() => expect(receiver.requestsTo('/slack')).toHaveLength(1));
    await eventually(() => expect(receiver.requestsTo('/github')).toHaveLength(2));

    const [notified] = receiver.requestsTo('/defacto');
    expect(JSON.parse(notified?.body.toString() ?? '')).toEqual({
      entity_type: 'invoice',
      transition_name: 'SUBMITTED',
      status: 'SUBMITTED',
      timestamp: '2022-02-11T11:26:59.631326Z',
      id: 'a18d5057-0092-4555-b865-7ade03c3ac9b',
      event_type: 'Invoice.SUBMITTED',
      entity_state: { amount: 12.5, lines: [1] },
    });
    const bill = '"path":"/invoice/update/state","details":"paid","invoice":{"number":7}}}';
    expect(receiver.requestsTo('/snapbill')[0]?.body.toString()).toContain(bill);
    const [message] = receiver.requestsTo('/slack');
    expect(message?.body.toString()).toBe('{"text":"issues.opened (#16)"}');

    const [ping, opened] = receiver.requestsTo('/github');
    expect(ping?.headers['x-github-event']).toBe('ping');
    const hmac = (hash: string) =>
      createHmac(hash, 'a secret of ours')
        .update(opened?.body ?? '')
        .digest('hex');
    expect(opened?.body.toString()).toBe('{"action":"opened"}');
    expect(opened?.headers).toMatchObject({
      'x-github-event': 'issues',
      'x-github-delivery': expect.stringMatching(/^dlv_/),
      'x-github-hook-id': hub.id,
      'x-hub-signature': `sha1=${hmac('sha1')}`,
      'x-hub-signature-256': `sha256=${hmac('sha256')}`,
    });
  });

  it('is sent once more when somebody asks for it: the same id and bytes, a header that says so, a run of its own', async () => {
    receiver = await ScriptedReceiver.start(perHeader('webhook-id', () => inTurn(400, 200)));
    const { id } = await subscribe({
      eventTypes: ['replayed.thing'],
      endpoint: { url: receiver.url() },
      retry: { schedule: [], nonRetryableStatuses: ['4xx'] },
    });
    await world.api.publish({ type: 'replayed.thing', data: { n: 1 } });
    const failed = await theOnlyDelivery(id, 'exhausted');
    const replay = await world.api.call<{ run: string }>('POST', `/v1/deliveries/${failed.id}/replay`);
    expect(replay.status).toBe(202);
    await theOnlyDelivery(id, 'delivered');

    const [first, second] = receiver.journal;
    expect(second?.headers).toMatchObject({ 'webhook-id': failed.id, 'hookstream-replay': replay.body.run });
    expect(first?.headers).not.toHaveProperty('hookstream-replay');
    expect(second?.body).toEqual(first?.body);
    const { body } = await world.api.call('GET', `/v1/deliveries/${failed.id}`);
    expect(body).toMatchObject({
      attempts: [{ number: 1 }, { number: 2, run: replay.body.run }],
      runs: [
        { id: '0', state: 'exhausted', reason: 'non-retryable-status' },
        { id: replay.body.run, state: 'delivered' },
      ],
    });
  });

  it('is tried three times when the receiver answers 503 twice: one id, one body, new timestamps', async () => {
    receiver = await ScriptedReceiver.start(perHeader('webhook-id', () => inTurn(503, 503, 200)));
    const { id, secret } = await subscribe({
      eventTypes: ['flaky.thing'],
      endpoint: { url: receiver.url() },
      retry: { schedule: ['1s', '2s'], jitter: 0 },
    });
    await world.api.publish({ type: 'flaky.thing', data: { n: 1 } });
    const delivery = await theOnlyDelivery(id, 'delivered');

    const [first, second, third] = receiver.journal;
    expect(receiver.journal).toHaveLength(3);
    expect(new Set(receiver.journal.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.id]));
    expect(new Set(receiver.journal.map(({ body }) => body.toString('hex'))).size).toBe(1);
    expect(new Set(receiver.journal.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
    expect(new Set(receiver.journal.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
    for (const { body, headers } of receiver.journal)
      new Webhook(secret).verify(body, headers as Record<string, string>);
    expect((second?.arrivedAtMs ?? 0) - (first?.arrivedAtMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect((third?.arrivedAtMs ?? 0) - (second?.arrivedAtMs ?? 0)).toBeGreaterThanOrEqual(2_000);

    const attempts = await world.api.attemptsOf(delivery.id);
    expect(attempts.map(({ number, response }) => [number, response?.status])).toEqual([
      [1, 503],
      [2, 503],
      [3, 200],
    ]);
  });

  it('waits in a delay level when the retry is further away than ten seconds', async () => {
    receiver = await ScriptedReceiver.start(perHeader('webhook-id', () => inTurn(500, 200)));
    const { id } = await subscribe({
      eventTypes: ['slow.retry'],
      endpoint: { url: receiver.url() },
      retry: { schedule: ['12s'], jitter: 0 },
    });
    await world.api.publish({ type: 'slow.retry', data: null });
    await theOnlyDelivery(id, 'retrying');
    await theOnlyDelivery(id, 'delivered');
    const [first, second] = receiver.journal;
    const waitedMs = (second?.arrivedAtMs ?? 0) - (first?.arrivedAtMs ?? 0);
    expect(waitedMs).toBeGreaterThanOrEqual(12_000);
    expect(waitedMs).toBeLessThan(14_000);
  });

  it('ends exhausted when its schedule is spent', async () => {
    receiver = await ScriptedReceiver.start(inTurn({ status: 500, body: 'no' }));
    const { id } = await subscribe({
      eventTypes: ['doomed.thing'],
      endpoint: { url: receiver.url() },
      retry: { schedule: ['1s'], jitter: 0 },
    });
    await world.api.publish({ type: 'doomed.thing', data: {} });
    const delivery = await theOnlyDelivery(id, 'exhausted');
    expect(delivery).toMatchObject({ reason: 'attempts', attempts: 2 });
    expect(receiver.journal).toHaveLength(2);
  });

  it('is logged, and says so, when it matches nothing', async () => {
    receiver = await ScriptedReceiver.start();
    const eventId = await world.api.publish({ type: 'nobody.cares', data: { a: 1 } });
    const { body } = await eventually(
      async () => {
        const answer = await world.api.call<{ deliveries: readonly unknown[] }>('GET', `/v1/events/${eventId}`);
        expect(answer.status).toBe(200);
        return answer;
      },
      { timeoutMs: 20_000 },
    );
    expect(body).toMatchObject({ id: eventId, type: 'nobody.cares', deliveries: [] });
  });

  it('is not sent to an inactive subscription, and what waited is cancelled when one is deactivated', async () => {
    receiver = await ScriptedReceiver.start(inTurn(500));
    const { id } = await subscribe({
      eventTypes: ['to.cancel'],
      endpoint: { url: receiver.url() },
      retry: { schedule: ['3s', '1h'], jitter: 0 },
    });
    await world.api.publish({ type: 'to.cancel', data: {} });
    await theOnlyDelivery(id, 'retrying');
    expect((await world.api.call('POST', `/v1/subscriptions/${id}/deactivate`)).status).toBe(200);
    expect(await theOnlyDelivery(id, 'cancelled')).toMatchObject({ reason: 'subscription-inactive', attempts: 1 });
    expect(receiver.journal).toHaveLength(1);
  });

  it('is sent or not as was last acknowledged, within 5 s, over a hundred changes under load', async () => {
    receiver = await ScriptedReceiver.start();
    const switched = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const { id } = await subscribe({
          eventTypes: ['switched.*'],
          endpoint: { url: receiver.url(`/switched-${n}`) },
        });
        return new SwitchedSubscription(world.api, receiver, id, `/switched-${n}`);
      }),
    );
    const over = new AbortController();
    const load = (async () => {
      for (let n = 0; !over.signal.aborted; n += 1) {
        const record = { topic: world.topics.events, key: `${n % 50}`, value: Buffer.from(`{"type":"switched.${n}"}`) };
        await world.producer.send(record);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await Promise.all(
      switched.map(async (subscription) => {
        for (let round = 0; round < 5; round += 1) await subscription.offAndOn(500 + 100 * round);
      }),
    );
    const endedAtMs = Math.max(...(await Promise.all(switched.map((subscription) => subscription.end()))));
    await new Promise((resolve) => setTimeout(resolve, IN_FORCE_MS + 1_000));
    over.abort();
    await load;
    expect(Math.max(...switched.flatMap(({ lateMs }) => lateMs))).toBeLessThan(IN_FORCE_MS);
    expect(Math.max(...switched.flatMap(({ awakeMs }) => awakeMs))).toBeLessThan(IN_FORCE_MS);
    const late = switched.flatMap((each) => each.arrivals()).filter((atMs) => atMs > endedAtMs + IN_FORCE_MS);
    expect(late).toEqual([]);
    opened.splice(0);
  }, 60_000);

  it('is refused plainly when the endpoint’s address is one that may not be called', async () => {
    receiver = await ScriptedReceiver.start();
    const { id } = await subscribe({
      eventTypes: ['inward.bound'],
      endpoint: { url: 'http://169.254.169.254/latest/meta-data' },
      retry: { schedule: [] },
    });
    await world.api.publish({ type: 'inward.bound', data: {} });
    const delivery = await theOnlyDelivery(id, 'exhausted');
    const [attempt] = await world.api.attemptsOf(delivery.id);
    expect(attempt?.error).toMatchObject({ class: 'refused-address' });
    expect(attempt?.error?.message).toContain('HOOKSTREAM_EGRESS_ALLOW');
  });

  it('reaches the log without a statement by router, dispatcher or retry-scheduler', async () => {
    receiver = await ScriptedReceiver.start();
    const names = await world.databaseClients();
    expect(names.filter((name) => /router|dispatcher|retry/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('audit-log')]));
  });

  it('can be tried with a ping at its activation and on demand, which switches it off when it fails', async () => {
    let status = 200;
    receiver = await ScriptedReceiver.start();
    receiver.answerWith(() => ({ status, body: 'seen' }));
    const endpoint = { url: receiver.url('/pinged') };
    const test = { onActivation: true, failureDeactivates: true, body: { type: 'ping' } };
    const { id, secret } = await subscribe({ eventTypes: ['never.sent'], endpoint, startInactive: true, test });
    const post = <T>(what: string) => world.api.call<T>('POST', `/v1/subscriptions/${id}/${what}`);
    expect((await post('test')).status).toBe(409);
    expect(receiver.journal).toHaveLength(0);

    const activated = await post('activate');
    const greeting = activated.headers.get('hookstream-ping') ?? '';
    await eventually(() => expect(receiver.journal).toHaveLength(1));
    const [ping] = receiver.journal;
    expect(ping?.headers['webhook-id']).toBe(greeting);
    const verified: unknown = new Webhook(secret).verify(ping?.body ?? '', ping?.headers as Record<string, string>);
    expect(verified).toMatchObject({ type: 'hookstream.ping', data: { type: 'ping' } });

    const passed = await post<TestAnswer>('test');
    expect(passed).toMatchObject({
      status: 200,
      body: { state: 'delivered', response: { status: 200, body: 'seen' }, subscription: { active: true } },
    });
    await eventually(async () => {
      const [attempt] = await world.api.attemptsOf(passed.body.delivery);
      expect(attempt?.request.body).toBe(receiver.journal[1]?.body.toString());
    });

    status = 500;
    const failed = await post<TestAnswer>('test');
    expect(failed.body).toMatchObject({
      ...{ state: 'exhausted', response: { status: 500 } },
      subscription: { active: false, inactiveReason: 'test-failed' },
    });
    expect((await post('test')).status).toBe(409);
    await world.api.call('PATCH', `/v1/subscriptions/${id}`, { test: { whileInactive: true } });
    status = 204;
    expect((await post<TestAnswer>('test')).body).toMatchObject({ state: 'delivered', response: { status: 204 } });
    expect(receiver.journal).toHaveLength(4);

    // The ping of a new one finds it dead, and nobody waits for that: the dispatcher asks for the deactivation.
    status = 503;
    const dead = await subscribe({ eventTypes: ['never.sent'], endpoint, test });
    await eventually(
      async () => {
        const { body } = await world.api.call('GET', `/v1/subscriptions/${dead.id}`);
        expect(body).toMatchObject({ active: false, inactiveReason: 'test-failed' });
      },
      { timeoutMs: 20_000 },
    );
  });
});
