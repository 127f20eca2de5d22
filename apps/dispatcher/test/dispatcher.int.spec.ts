// Real: Kafka, kafkajs, Nest, HTTP over sockets, the whole dispatcher. The retry-scheduler's part is played by the test.
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { deliveryId, type EndpointAuth } from '@hookstream/domain';
import { decodeCommand, encodeDelivery, type Delivery } from '@hookstream/contracts';
import { inTurn, ScriptedReceiver, type ReceivedRequest } from '@hookstream/testing';
import { aDueDelivery, aDocument, type DocumentPart } from '@hookstream/testing';
import { DispatcherTestBed, soon } from './support/dispatcher-test-bed.js';
import { refusingLog, uncommittingLog } from './support/refusing-log.js';

let bed: DispatcherTestBed;
let receiver: ScriptedReceiver;
beforeEach(async () => {
  bed = new DispatcherTestBed();
  receiver = await ScriptedReceiver.start();
  await bed.createTopics();
});
afterEach(async () => {
  await receiver.close();
  await bed.close();
});

type SubscriptionId = Delivery['subscription'];

function subscription(id: SubscriptionId, part: DocumentPart = {}) {
  const endpoint = { url: receiver.url(`/${id}`), ...part.endpoint };
  return aDocument({ id, ...part, endpoint });
}

/** The n-th delivery to a subscription, new and due now. */
function delivery(n: number, id: SubscriptionId = 'sub_1'): Delivery {
  const nowMs = Date.now();
  const times = { runStartedAtMs: nowMs, firstSeenAtMs: nowMs, dueAtMs: nowMs };
  return aDueDelivery({ ...times, id: deliveryId(`evt_${n}`, id), subscription: id, data: Buffer.from(`{"n":${n}}`) });
}

const clientOf = (path: string, sealed: string): EndpointAuth => ({
  type: 'oauth2-client-credentials',
  tokenUrl: receiver.url(path),
  clientId: 'hooks',
  clientAuthentication: 'client_secret_basic',
  sealed,
});

const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const idOf = ({ headers }: ReceivedRequest) => String(headers['webhook-id']);
const distinct = (requests: readonly ReceivedRequest[]) => new Set(requests.map(idOf)).size;

const entriesOf = (body: Buffer) => z.array(z.object({ id: z.string() })).parse(JSON.parse(body.toString()));

describe('the dispatcher', () => {
  it('takes three attempts to a receiver that refuses twice: the same id and bytes, each signed anew', async () => {
    const key = Buffer.alloc(32, 1);
    const owner = { organization: 'org_default', subscription: 'sub_1' };
    const retry = { scheduleMs: [500, 20_000] };
    await bed.configure(
      subscription('sub_1', { scheme: 'standard-webhooks', retry, sealedSecrets: [bed.secrets.seal(key, owner)] }),
    );
    receiver.answerWith(inTurn(503, { status: 503, headers: { 'retry-after': '1' } }, 200));
    await bed.start();
    await bed.deliver(delivery(1));

    const second = await soon(async () => {
      const [next] = await bed.deliveriesIn(bed.topics.delayNear);
      if (!next) throw new Error('nothing in delay.near yet');
      expect(next).toMatchObject({ attempt: 2, attemptsInRun: 1, reason: 'retry', hops: 0 });
      expect(next.dueAtMs).toBeLessThan(Date.now());
      return next;
    });
    await bed.deliver({ ...second, hops: 1 });
    const level = bed.topics.delayLevels[0]?.topic ?? '';
    const third = await soon(async () => {
      const [next] = await bed.deliveriesIn(level);
      if (!next) throw new Error(`nothing in ${level} yet`);
      return next;
    });
    expect(third.dueAtMs - Date.now()).toBeGreaterThan(15_000);
    await bed.deliver({ ...third, dueAtMs: Date.now(), hops: 1 });

    await soon(async () => {
      const reports = await bed.reports();
      expect(reports.map(({ state }) => state).sort()).toEqual(['delivered', 'retrying', 'retrying']);
    });
    expect(distinct(receiver.journal)).toBe(1);
    expect(new Set(receiver.journal.map(({ body }) => body.toString())).size).toBe(1);
    for (const { headers, body } of receiver.journal) {
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body.toString()}`;
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    }
  });

  it('does not commit a record whose report is not acknowledged, and asks the endpoint only once', async () => {
    await bed.configure(subscription('sub_1'));
    receiver.answerWith(inTurn(503));
    let refused = 0;
    let away = true;
    const log = refusingLog(bed.log, ({ topic }) => {
      if (topic !== bed.topics.attempts || !away) return false;
      refused += 1;
      return true;
    });
    await bed.start(log);
    await bed.deliver(delivery(1));
    await soon(() => expect(refused).toBeGreaterThan(2));
    expect(await bed.deliveriesIn(bed.topics.delayNear)).toHaveLength(1);
    expect(await bed.committedRecords()).toBe(0);
    away = false;
    await soon(async () => expect(await bed.committedRecords()).toBe(1));
    expect([receiver.journal.length, (await bed.reports()).length]).toEqual([1, 1]);
    expect(await bed.deliveriesIn(bed.topics.delayNear)).toHaveLength(1);
  });

  it('buries a record it cannot read between good ones, and delivers those', async () => {
    await bed.configure(subscription('sub_1'));
    await bed.start();
    const { topics } = bed;
    const poison = {
      topic: topics.deliveries,
      key: 'sub_1',
      value: Buffer.from([1, 2]),
      headers: { 'x-from': 'hand' },
    };
    await bed.write(
      encodeDelivery(topics.deliveries, delivery(1)),
      poison,
      encodeDelivery(topics.deliveries, delivery(2)),
    );
    await soon(async () => expect(await bed.committedRecords()).toBe(3));
    expect(distinct(receiver.journal)).toBe(2);
    expect(await bed.deadLetters()).toMatchObject([{ reason: 'undecodable', value: Buffer.from([1, 2]) }]);
  });

  it('loses nothing and repeats nothing when it is stopped in the middle and another one goes on', async () => {
    const count = 2_000;
    await bed.configure(subscription('sub_1', { concurrency: 16 }), subscription('sub_2'), subscription('sub_3'));
    receiver.answerWith(() => ({ delayMs: Math.random() * 20 }));
    const subscriptions: SubscriptionId[] = ['sub_1', 'sub_2', 'sub_3'];
    await bed.deliver(...range(count).map((n) => delivery(n, subscriptions[n % 3])));
    const first = await bed.start();
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(200));
    await first.stop();
    const before = receiver.journal.length;
    expect(before).toBeLessThan(count);
    await bed.start();
    await soon(async () => expect(await bed.committedRecords()).toBe(count));
    expect([receiver.journal.length, distinct(receiver.journal)]).toEqual([count, count]);
    expect((await bed.reports()).filter(({ state }) => state === 'delivered')).toHaveLength(count);
  });

  it('sends nothing again that was finished behind an unfinished record when it was stopped', async () => {
    await bed.configure(subscription('sub_slow', { concurrency: 1 }), subscription('sub_fast'));
    receiver.answerWith(({ path }) => ({ delayMs: path === '/sub_slow' ? 200 : 0 }));
    const inOnePartition = (of: Delivery) => ({ ...encodeDelivery(bed.topics.deliveries, of), partition: 0 });
    await bed.write(...range(20).map((n) => inOnePartition(delivery(n, 'sub_slow'))));
    await bed.write(...range(200).map((n) => inOnePartition(delivery(n, 'sub_fast'))));
    const first = await bed.start();
    await soon(() => expect(receiver.requestsTo('/sub_fast')).toHaveLength(200));
    await first.stop();
    expect(await bed.committedRecords()).toBeLessThan(20);
    receiver.answerWith(() => ({}));
    await bed.start();
    await soon(async () => expect(await bed.committedRecords()).toBe(220));
    expect([receiver.journal.length, distinct(receiver.journal)]).toEqual([220, 220]);
  });

  it.each([
    ['since its last commit', 200],
    ['and it never came to commit', 0],
  ])('sends nothing again that it had reported %s', async (_, beforeIts) => {
    const count = 2_000;
    await bed.configure(...range(3).map((n) => subscription(`sub_${n}`, { concurrency: 16 })));
    receiver.answerWith(() => ({ delayMs: Math.random() * 20, status: Math.random() < 0.05 ? 503 : 200 }));
    const deliveries = range(count).map((n) => delivery(n, `sub_${n % 3}`));
    await bed.deliver(...deliveries);
    const first = await bed.start(uncommittingLog(bed.log, () => receiver.journal.length >= beforeIts));
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(800));
    await first.stop();
    const before = receiver.journal.length;
    expect(before).toBeLessThan(count);
    expect(await bed.committedRecords()).toBeLessThan(before);
    // A router that was killed too writes what it had written.
    await bed.deliver(...deliveries.slice(0, 500));
    await bed.start();
    await soon(async () => expect(await bed.committedRecords()).toBe(count + 500));
    expect([receiver.journal.length, distinct(receiver.journal)]).toEqual([count, count]);
    const failures = (await bed.reports()).filter(({ state }) => state === 'retrying').length;
    expect(await bed.deliveriesIn(bed.topics.delayNear)).toHaveLength(failures);
  });

  it('shares the work with a second one that joins, and takes it back when that one leaves', async () => {
    const count = 3_000;
    await bed.configure(...range(6).map((n) => subscription(`sub_${n}`)));
    await bed.deliver(...range(count).map((n) => delivery(n, `sub_${n % 6}`)));
    await bed.start();
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(100));
    const second = await bed.start();
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(1_500));
    await second.stop();
    await soon(async () => expect(await bed.committedRecords()).toBe(count));
    expect(distinct(receiver.journal)).toBe(count);
  });

  it('completes other subscriptions of a partition while one of them hangs, and commits what surely is done', async () => {
    await bed.configure(
      subscription('sub_slow', { concurrency: 4, endpoint: { timeoutMs: 30_000 } }),
      subscription('sub_fast'),
    );
    receiver.answerWith(({ path }) => (path === '/sub_slow' ? 'hang' : {}));
    const { topics } = bed;
    const inOnePartition = (of: Delivery) => ({ ...encodeDelivery(topics.deliveries, of), partition: 0 });
    await bed.start();
    await bed.write(...range(300).map((n) => inOnePartition(delivery(n, 'sub_slow'))));
    await bed.write(...range(300).map((n) => inOnePartition(delivery(n, 'sub_fast'))));
    await soon(() => expect(distinct(receiver.requestsTo('/sub_fast'))).toBe(300));
    expect(receiver.requestsTo('/sub_slow')).toHaveLength(4);
    await soon(async () => {
      const reported = (await bed.reports()).filter(({ state }) => state === 'delivered');
      expect(reported).toHaveLength(300);
      const stored = (await bed.committed()).find(({ partition }) => partition === 0);
      expect(stored?.offset ?? 0).toBe(0);
      expect(stored?.metadata).not.toBe('');
    });
    receiver.answerWith(() => ({}));
  });

  it('commits up to the end when 2,000 records are finished in any order', async () => {
    const count = 2_000;
    await bed.configure(subscription('sub_1'), subscription('sub_2'));
    receiver.answerWith(() => ({ delayMs: Math.random() ** 4 * 300 }));
    await bed.deliver(...range(count).map((n) => delivery(n, n % 2 === 0 ? 'sub_1' : 'sub_2')));
    await bed.start();
    await soon(async () => expect(await bed.committedRecords()).toBe(count));
    expect([receiver.journal.length, distinct(receiver.journal)]).toEqual([count, count]);
  });

  it('starts nothing for a subscription once it knows that it is deactivated', async () => {
    await bed.configure(subscription('sub_1'), subscription('sub_1', { version: 4, active: false }));
    await bed.start();
    await bed.deliver(delivery(1));
    await soon(async () => {
      expect(await bed.reports()).toMatchObject([
        { kind: 'ending', state: 'cancelled', reason: 'subscription-inactive' },
      ]);
    });
    expect(receiver.journal).toEqual([]);
  });

  it('shows an endpoint who sends, asks for one token for all, and tells no secret to the log', async () => {
    const seal = (secret: string, id: SubscriptionId) =>
      bed.secrets.seal(Buffer.from(secret), { organization: 'org_default', subscription: id });
    await bed.configure(
      subscription('sub_1', { endpoint: { auth: clientOf('/token', seal('client-secret', 'sub_1')) } }),
      subscription('sub_2', {
        endpoint: { auth: { type: 'header', name: 'X-Shop', sealed: seal('header-secret', 'sub_2') } },
      }),
    );
    const issued = JSON.stringify({ access_token: 'token-secret', token_type: 'Bearer', expires_in: 60 });
    receiver.answerWith(({ path, headers }) => ({ body: path === '/token' ? issued : JSON.stringify(headers) }));
    await bed.start();
    await bed.deliver(...range(20).map((n) => delivery(n, n % 2 === 0 ? 'sub_1' : 'sub_2')));
    await soon(async () => expect(await bed.committedRecords()).toBe(20));
    const [asked, ...more] = receiver.requestsTo('/token');
    expect(more).toEqual([]);
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('hooks:client-secret').toString('base64')}`);
    const shown = (path: string, name: string) => receiver.requestsTo(path).map(({ headers }) => headers[name]);
    expect(new Set(shown('/sub_1', 'authorization'))).toEqual(new Set(['Bearer token-secret']));
    expect(new Set(shown('/sub_2', 'x-shop'))).toEqual(new Set(['header-secret']));
    const written = (await bed.read(bed.topics.attempts)).map(
      ({ headers, value }) => `${String(headers.report)}${String(value)}`,
    );
    expect(written).toHaveLength(20);
    expect(written.join()).toContain('"x-shop":"[redacted]"');
    expect(written.join()).not.toMatch(/(client|token|header)-secret/);
  });

  it('lets a token server that hangs delay nobody else, and puts it down to no endpoint', async () => {
    const sealed = bed.secrets.seal(Buffer.from('s'), { organization: 'org_default', subscription: 'sub_1' });
    await bed.configure(
      subscription('sub_1', { endpoint: { auth: clientOf('/token', sealed) } }),
      subscription('sub_2'),
    );
    receiver.answerWith(({ path }) => (path === '/token' ? 'hang' : {}));
    await bed.start();
    await bed.deliver(...range(40).map((n) => delivery(n, n % 2 === 0 ? 'sub_1' : 'sub_2')));
    await soon(() => expect(receiver.requestsTo('/sub_2')).toHaveLength(20));
    expect(await bed.reports()).not.toContainEqual(expect.objectContaining({ subscription: 'sub_1' }));
    await soon(async () => expect(await bed.committedRecords()).toBe(40));
    const refused = (await bed.reports()).filter((report) => report.subscription === 'sub_1');
    expect(refused).toHaveLength(20);
    expect(refused[0]).toMatchObject({ state: 'retrying', error: { class: 'token' } });
    expect(await bed.endpointStates()).toEqual({});
    expect(receiver.requestsTo('/sub_1')).toEqual([]);
  });

  it('sends what a template gives and keeps it, and buries what it cannot make', async () => {
    const endless = '($f := function($n) { $f($n + 1) }; $f(0))';
    await bed.configure(
      subscription('sub_1', { template: '{ "text": event.type & " " & data.n }' }),
      subscription('sub_2', { template: endless }),
      subscription('sub_3'),
      subscription('sub_4', { template: 'delivery' }),
    );
    const retried = { attempt: 5, attemptsInRun: 1, run: 'rpl_1', firstSentAtMs: 1_000, failedBy: 'timeout' };
    await bed.start();
    await bed.deliver(delivery(1, 'sub_2'), delivery(2, 'sub_2'), delivery(3, 'sub_1'), delivery(4, 'sub_3'));
    await bed.deliver({ ...delivery(5, 'sub_4'), ...retried });
    await soon(async () => expect(await bed.committedRecords()).toBe(5));
    const [told] = receiver.requestsTo('/sub_4');
    expect(JSON.parse(told?.body.toString() ?? '')).toMatchObject({
      ...{ id: told?.headers['webhook-id'], run: 'rpl_1', attempt: 5, attemptInRun: 2 },
      ...{ firstSentAt: '1970-01-01T00:00:01.000Z', previous: { status: null, error: 'timeout' } },
    });
    const sent = '{"text":"invoice.submitted 3"}';
    expect(receiver.requestsTo('/sub_1').map(({ body }) => body.toString())).toEqual([sent]);
    const reports = await bed.reports();
    const request = { format: 'template', body: Buffer.from(sent).toString('base64') };
    expect(reports).toContainEqual(expect.objectContaining({ subscription: 'sub_1', state: 'delivered' }));
    expect(reports.find(({ subscription: id }) => id === 'sub_1')).toMatchObject({ request });
    expect(reports.find(({ subscription: id }) => id === 'sub_3')).not.toHaveProperty('request.body');
    const buried = { reason: 'template-failed', detail: 'the template took too long' };
    expect(await bed.deadLetters()).toMatchObject([buried, buried]);
  });

  it('sends a thousand events in batches, and tries each of one that fails again by its own record', async () => {
    const owner = { organization: 'org_default', subscription: 'sub_1' };
    const sealedSecrets = [bed.secrets.seal(Buffer.from('hush'), owner)];
    const signed = { scheme: 'messenger', sealedSecrets, retry: { scheduleMs: [500, 20_000] } } as const;
    await bed.configure(subscription('sub_1', { ...signed, batch: { maxEntries: 100, maxWaitMs: 300 } }));
    receiver.answerWith(inTurn(200, 503, 200));
    await bed.start();
    const ids = range(1_000).map((n) => delivery(n).id);
    await bed.deliver(...range(1_000).map((n) => delivery(n)));
    await soon(async () => expect(await bed.committedRecords()).toBe(1_000));

    const sent = receiver.journal.map(({ body }) => entriesOf(body).map(({ id }) => id));
    expect(sent.flat().sort()).toEqual([...ids].sort());
    expect(Math.max(...sent.map(({ length }) => length))).toBe(100);
    expect(receiver.journal.length).toBeLessThan(30);
    for (const { headers, body } of receiver.journal) {
      expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`);
      expect(headers['webhook-id']).toBe(entriesOf(body)[0]?.id);
      expect(headers).not.toHaveProperty('hookstream-event-id');
    }
    const failed = sent[1] ?? [];
    const reports = (await bed.reports()).flatMap((report) => (report.kind === 'attempt' ? [report] : []));
    expect(reports.map(({ delivery: id }) => id).sort()).toEqual([...ids].sort());
    const retrying = reports.filter(({ state }) => state === 'retrying');
    expect(retrying.map(({ delivery: id }) => id).sort()).toEqual([...failed].sort());
    const withBody = reports.filter(({ request }) => request.body !== undefined);
    expect(withBody.map(({ delivery: id }) => id).sort()).toEqual(sent.map(([first]) => first).sort());
    expect(retrying.map(({ request }) => request.batch?.entry).sort((a = 0, b = 0) => a - b)).toEqual(
      range(failed.length),
    );
    const again = await bed.deliveriesIn(bed.topics.delayNear);
    expect(again.map(({ id, attempt }) => [id, attempt])).toEqual(again.map(({ id }) => [id, 2]));
    expect(again.map(({ id }) => id).sort()).toEqual([...failed].sort());

    await bed.deliver(...again.map((next) => ({ ...next, hops: 1, dueAtMs: Date.now() })));
    await soon(async () => expect(await bed.committedRecords()).toBe(1_000 + failed.length));
    const anew = receiver.journal.slice(sent.length).map(({ body }) => entriesOf(body).map(({ id }) => id));
    expect(anew.flat().sort()).toEqual([...failed].sort());
    expect(Math.max(...anew.map(({ length }) => length))).toBeLessThanOrEqual(25);
  });

  it('gives a template the entries of a batch, and buries the one that it cannot be made of', async () => {
    const template = '{ "entry": entries.{ "n": data.n, "of": event.type, "id": delivery.id, "x": $number(data.x) } }';
    await bed.configure(subscription('sub_1', { template, batch: { maxEntries: 4, maxWaitMs: 200 } }));
    await bed.start();
    const spoiled = { ...delivery(2), data: Buffer.from('{"n":2,"x":"none"}') };
    await bed.deliver(delivery(1), spoiled, delivery(3), delivery(4));
    await soon(async () => expect(await bed.committedRecords()).toBe(4));
    const entry = (n: number) => ({ n, of: 'invoice.submitted', id: delivery(n).id });
    const sent = receiver.journal.flatMap(({ body }) =>
      z.object({ entry: z.unknown() }).parse(JSON.parse(String(body))),
    );
    expect(sent.flatMap((one) => one.entry)).toEqual([1, 3, 4].map(entry));
    expect(await bed.deadLetters()).toMatchObject([{ delivery: delivery(2).id, reason: 'template-failed' }]);
  });

  it('refuses an address that it must not call, as an outcome with a plain message', async () => {
    await bed.configure(subscription('sub_1', { endpoint: { url: 'http://169.254.169.254/latest' } }));
    await bed.start();
    await bed.deliver(delivery(1));
    await soon(async () => {
      expect(await bed.reports()).toMatchObject([{ state: 'retrying', error: { class: 'refused-address' } }]);
    });
  });

  it('sends a test to a paused subscription at once, once, and asks for its deactivation when it fails', async () => {
    const test = { onActivation: false, failureDeactivates: true, whileInactive: false };
    await bed.configure(subscription('sub_1', { paused: true, test }));
    receiver.answerWith(inTurn(503, 200));
    await bed.start();
    await bed.deliver(delivery(1), { ...delivery(2), test: true, reason: 'test' });
    await soon(async () =>
      expect(await bed.reports()).toMatchObject([
        { delivery: deliveryId('evt_2', 'sub_1'), state: 'exhausted', reason: 'attempts', testData: '{"n":2}' },
      ]),
    );
    expect((await bed.read(bed.topics.commands)).map((record) => decodeCommand(record))).toMatchObject([
      { kind: 'deactivate-subscription', subscription: 'sub_1', reason: 'test-failed', expectedVersion: 3 },
    ]);
    await soon(async () => expect(await bed.deliveriesIn(bed.topics.parked)).toHaveLength(1));
    expect(receiver.journal.map(idOf)).toEqual([deliveryId('evt_2', 'sub_1')]);
  });
});
