// Real: Kafka, PostgreSQL, HTTP. The other services are played by the test, which writes their records.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeDelivery,
  encodeDeadLetter,
  encodeReport,
  encodeRoutedBatch,
  type AttemptReport,
  type SubscriptionDocument,
  type OutgoingRecord,
} from '@hookstream/contracts';
import { deliveryId, eventIdFromProducer, type EventAttributes, type OrganizationId } from '@hookstream/domain';
import { aDocument, eventually, testDatabaseUrl } from '@hookstream/testing';
import { refusingCommits } from './support/refusing-commits.js';
import { aFailure, anAttempt, anEvent, aRouting, T0, type RoutedOptions } from './support/records.js';
import { TestMailServer } from './support/test-mail-server.js';
import { TcpGate } from './support/tcp-gate.js';
import { KEYS, TestService } from './support/test-service.js';

let service: TestService;
beforeAll(async () => {
  service = await TestService.create();
});
beforeEach(() => service.start());
afterAll(() => service.dispose());

const SOURCE = '/billing';

function produced(id: string, data: string, more: { organization?: string; subject?: string } = {}): OutgoingRecord {
  return {
    topic: service.topics.events,
    key: id,
    value: Buffer.from(data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_type: 'invoice.submitted',
      ce_source: SOURCE,
      ce_id: id,
      ...(more.organization && { ce_organization: more.organization }),
      ...(more.subject && { ce_subject: more.subject }),
    },
  };
}

/** The same event as the router sees it. */
function routedEvent(id: string, organization: OrganizationId = 'org_default'): EventAttributes {
  return anEvent(0, { id: eventIdFromProducer(organization, SOURCE, id), externalId: id, organization });
}

const routed = (event: EventAttributes, options: RoutedOptions = {}) =>
  encodeRoutedBatch(service.topics.routed, { key: '1', events: [aRouting(event, options)] });
const attempted = (report: AttemptReport) => encodeReport(service.topics.attempts, 0, report);
const everything = () => [
  service.topics.events,
  service.topics.routed,
  service.topics.attempts,
  service.topics.deadLetters,
];

describe('the audit log', () => {
  it('shows a delivery with its attempts, whatever came first', async () => {
    const event = routedEvent('inv-1');
    await service.send(
      attempted(aFailure(event, 1)),
      produced('inv-1', '{"amount": 1.10, "big": 12345678901234567890}', { subject: 'invoice/1' }),
      attempted(anAttempt(event, { number: 2, responseBody: Buffer.from([0xff, 0xfe]) })),
      routed(event),
    );
    await service.caughtUp(everything());

    const id = deliveryId(event.id, 'sub_1');
    const { status, body } = await service.get(`/v1/deliveries/${id}`);
    expect(status).toBe(200);
    const request = {
      url: 'https://example.test/hook',
      method: 'POST',
      body: expect.stringMatching(
        /^\{"type":"invoice.submitted","timestamp":".*","data":\{"amount": 1.10, "big": 12345678901234567890\}\}$/,
      ),
    };
    expect(body).toMatchObject({
      id,
      event: { id: event.id, externalId: 'inv-1', type: 'invoice.submitted' },
      organization: 'org_default',
      subscription: 'sub_1',
      state: 'delivered',
      reason: null,
      createdAt: new Date(T0).toISOString(),
      nextAttemptAt: null,
      attempts: [
        { number: 1, outcome: 'failure', request, response: { status: 503, body: 'busy', bodyTruncated: false } },
        { number: 2, outcome: 'success', request, response: { status: 200, body: '//4=', bodyEncoding: 'base64' } },
      ],
    });
  });

  it('shows of a request with several events what was sent and answered in the attempt of each', async () => {
    const events = ['bat-1', 'bat-2'].map((id) => routedEvent(id));
    const [first] = events.map((event) => anAttempt(event));
    if (!first) throw new Error('there is a first');
    const reports = events.map((event, entry) => {
      const report = anAttempt(event, { responseBody: Buffer.from(entry === 0 ? 'thanks' : '') });
      const batch = { delivery: first.delivery, attempt: first.id, entry, entries: 2 };
      const body = Buffer.from('[{},{}]').toString('base64');
      return { ...report, request: { ...report.request, batch, ...(entry === 0 && { body }) } };
    });
    await service.send(...events.map((event) => routed(event)), ...reports.reverse().map(attempted));
    await service.caughtUp(everything());
    for (const [index, event] of events.entries()) {
      const { body } = await service.get(`/v1/deliveries/${deliveryId(event.id, 'sub_1')}`);
      const batch = { delivery: first.delivery, entry: index + 1, entries: 2 };
      expect(body).toMatchObject({
        attempts: [{ request: { body: '[{},{}]', batch }, response: { status: 200, body: 'thanks' } }],
      });
    }
  });

  it('shows an event with its data digit for digit, its deliveries, and who was passed over', async () => {
    const event = routedEvent('inv-2');
    await service.send(produced('inv-2', '{"n":1.000}'), routed(event, { matched: ['sub_1'], skipped: ['sub_2'] }));
    await service.caughtUp(everything());
    const { body, text, type } = await service.get(`/v1/events/${event.id}`);
    expect(type).toContain('application/json');
    expect(text).toContain('"data":{"n":1.000}');
    expect(body).toMatchObject({
      id: event.id,
      externalId: 'inv-2',
      routed: true,
      matched: 1,
      skipped: [{ subscription: 'sub_2', version: 1 }],
      deliveries: [{ subscription: 'sub_1', state: 'pending', attempts: 0 }],
    });
  });

  it('tells an event that matched nothing from one that is not routed yet', async () => {
    await service.send(produced('inv-3', '{}'), produced('inv-4', '{}'), routed(routedEvent('inv-3'), { matched: [] }));
    await service.caughtUp(everything());
    const nothing = await service.get(`/v1/events/${routedEvent('inv-3').id}`);
    expect(nothing.body).toMatchObject({ routed: true, matched: 0, deliveries: [] });
    const waiting = await service.get(`/v1/events/${routedEvent('inv-4').id}`);
    expect(waiting.body).toMatchObject({ routed: false, matched: 0, deliveries: [] });
  });

  it('pages through a list without a gap or a repeat', async () => {
    const events = Array.from({ length: 25 }, (_, n) => routedEvent(`page-${n}`));
    await service.send(
      ...events.map((event, n) => routed(event, { matched: ['sub_pages'], routedAtMs: T0 + Math.floor(n / 3) })),
    );
    await service.caughtUp(everything());

    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const { body } = await service.get(`/v1/deliveries?subscription=sub_pages&limit=7${cursor}`);
      const page = body as { data: { id: string }[]; nextCursor: string | null };
      seen.push(...page.data.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen)).toEqual(new Set(events.map(({ id }) => deliveryId(id, 'sub_pages'))));
  });

  it('filters deliveries by states, event, type, subject and time', async () => {
    const [failing, done] = [routedEvent('f-1'), routedEvent('f-2')];
    await service.send(
      attempted(aFailure({ ...failing, type: 'a.b', subject: 'it' }, 1, { subscription: 'sub_f' })),
      attempted(anAttempt(done, { subscription: 'sub_f', firstSeenAtMs: T0 + 5_000 })),
    );
    await service.caughtUp(everything());
    const ids = async (query: string) => {
      const { body } = await service.get(`/v1/deliveries?subscription=sub_f&${query}`);
      return (body as { data: { id: string }[] }).data.map(({ id }) => id);
    };
    const [first, second] = [deliveryId(failing.id, 'sub_f'), deliveryId(done.id, 'sub_f')];
    expect(await ids('')).toEqual([second, first]);
    expect(await ids('state=retrying')).toEqual([first]);
    expect(await ids('state=exhausted&state=delivered')).toEqual([second]);
    expect(await ids(`event=${failing.id}`)).toEqual([first]);
    expect(await ids('eventType=a.b&subject=it')).toEqual([first]);
    expect(await ids(`createdAfter=${new Date(T0 + 1).toISOString()}`)).toEqual([second]);
    expect(await ids(`createdBefore=${new Date(T0 + 1).toISOString()}`)).toEqual([first]);
  });

  it.each([
    ['state=lost', 'state'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['cursor=nonsense', 'cursor'],
    ['subscription=me', 'subscription'],
    ['subject=%00', 'subject'],
    ['createdAfter=yesterday', 'createdAfter'],
    ['organization=nobody', 'organization', 404],
    ['colour=red', 'colour'],
  ])('answers %s with a problem that names the parameter', async (query, parameter, expected = 400) => {
    const { status, type, body } = await service.get(`/v1/deliveries?${query}`);
    expect(status).toBe(expected);
    expect(type).toContain('application/problem+json');
    expect(body).toMatchObject({ errors: [{ parameter: expect.stringContaining(parameter) }] });
  });

  it('shows an organization only its own', async () => {
    const [ours, theirs] = [routedEvent('own', 'org_acme'), routedEvent('foreign')];
    await service.send(
      produced('own', '{}', { organization: 'acme-1' }),
      produced('foreign', '{}'),
      routed(ours, { matched: ['sub_o'] }),
      routed(theirs, { matched: ['sub_o'] }),
    );
    await service.caughtUp(everything());
    const list = await service.get('/v1/deliveries?subscription=sub_o', KEYS.acme);
    expect(list.body).toMatchObject({ data: [{ id: deliveryId(ours.id, 'sub_o') }], nextCursor: null });
    expect((list.body as { data: unknown[] }).data).toHaveLength(1);
    expect((await service.get(`/v1/events/${ours.id}`, KEYS.acme)).status).toBe(200);
    expect((await service.get(`/v1/events/${theirs.id}`, KEYS.acme)).status).toBe(404);
    expect((await service.get(`/v1/deliveries/${deliveryId(theirs.id, 'sub_o')}`, KEYS.acme)).status).toBe(404);
    for (const kind of ['events', 'deliveries', 'dead-letters']) {
      expect((await service.get(`/v1/${kind}?organization=org_default`, KEYS.acme)).status).toBe(404);
    }
    const named = await service.get('/v1/deliveries?subscription=sub_o&organization=acme-1');
    expect((named.body as { data: unknown[] }).data).toHaveLength(1);
  });

  it('has a delivery sent again, as a new run that is pending until it is heard of', async () => {
    const event = routedEvent('again', 'org_acme');
    const subscription = aDocument({ id: 'sub_again', organization: 'org_acme' });
    await service.configure(subscription);
    await service.send(
      produced('again', '{"n": 1.0}', { organization: 'acme-1' }),
      attempted(anAttempt(event, { subscription: 'sub_again', state: 'exhausted', reason: 'attempts', number: 2 })),
    );
    await service.caughtUp(everything());
    const path = `/v1/deliveries/${deliveryId(event.id, 'sub_again')}`;
    const replay = (key = 'k', secret: string = KEYS.editor) =>
      service.post(`${path}/replay`, secret, { 'idempotency-key': key });

    const begun = await eventually(async () => {
      const answer = await replay();
      expect(answer.status).toBe(202);
      return answer.body as { run: string };
    });
    expect(await replay()).toMatchObject({ status: 202, body: begun });
    expect((await service.get(path, KEYS.acme)).body).toMatchObject({
      state: 'pending',
      runs: [
        { id: '0', state: 'exhausted' },
        { id: begun.run, state: 'pending' },
      ],
    });
    const records = await service.read(service.topics.deliveries);
    expect(records.map((record) => decodeDelivery(record))).toMatchObject([
      { run: begun.run, attempt: 3, data: Buffer.from('{"n": 1.0}'), event: { id: event.id, externalId: 'again' } },
    ]);

    const runStartedAtMs = Date.now();
    await service.send(
      attempted(anAttempt(event, { subscription: 'sub_again', number: 3, run: begun.run, runStartedAtMs })),
    );
    await service.caughtUp(everything());
    expect((await service.get(path)).body).toMatchObject({
      state: 'delivered',
      runs: [{ state: 'exhausted' }, { id: begun.run, state: 'delivered' }],
    });

    expect((await replay('x', KEYS.viewer)).status).toBe(403);
    expect((await replay('x', KEYS.stranger)).status).toBe(404);
    expect((await replay('no good')).body).toMatchObject({ errors: [{ parameter: 'Idempotency-Key' }] });
    await service.configure({ ...subscription, version: subscription.version + 1, active: false });
    await eventually(async () => expect((await replay('y')).status).toBe(409));
  });

  it('lets nobody in without a key that is in force and may read', async () => {
    expect((await service.get('/v1/deliveries', null)).status).toBe(401);
    expect((await service.get('/v1/deliveries', 'hsk_unknown')).status).toBe(401);
    expect((await service.get('/v1/deliveries', KEYS.expired)).status).toBe(401);
    expect((await service.get('/v1/deliveries', KEYS.producer)).status).toBe(403);
  });

  it('keeps an event that names an organization made a moment ago', async () => {
    await service.configure({ kind: 'organization', id: 'org_new', version: 1, name: 'New', externalId: 'new-1' });
    await service.send(produced('new', '{}', { organization: 'new-1' }));
    await service.caughtUp(everything());
    expect((await service.get(`/v1/events/${routedEvent('new', 'org_new').id}`)).status).toBe(200);
  });

  it('waits for a database that is away, commits nothing meanwhile, and goes on by itself', async () => {
    const gate = await TcpGate.open(testDatabaseUrl());
    await service.stop();
    await service.start({ databaseUrl: gate.url });
    await gate.close();
    const event = routedEvent('outage');
    await service.send(produced('outage', '{}'), routed(event), attempted(anAttempt(event)));
    await eventually(async () => {
      expect((await service.get('/v1/deliveries')).status).toBe(503);
      expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    });
    await gate.reopen();
    await service.caughtUp(everything());
    const { body } = await service.get(`/v1/deliveries/${deliveryId(event.id, 'sub_1')}`);
    expect(body).toMatchObject({ state: 'delivered' });
    expect(await service.log.query("SELECT id FROM dead_letters WHERE reason = 'defect'")).toEqual([]);
    await service.stop();
    await gate.close();
  });

  it('sets a record aside that it cannot read, goes past it, and lists it', async () => {
    const event = routedEvent('after-poison');
    await service.send(
      { topic: service.topics.attempts, partition: 0, key: 'x', value: Buffer.from('poison') },
      attempted(anAttempt(event, { number: 1e12, id: 'att_1' })),
      attempted(anAttempt(event)),
      produced('after-poison', '{}'),
    );
    await service.caughtUp(everything());
    expect((await service.get(`/v1/deliveries/${deliveryId(event.id, 'sub_1')}`)).body).toMatchObject({
      state: 'delivered',
    });
    await eventually(async () => {
      const { body } = await service.get('/v1/dead-letters?stage=audit-log');
      const { data } = body as { data: { reason: string }[] };
      expect(data.map(({ reason }) => reason).sort()).toEqual(['defect', 'undecodable']);
    });
  });

  it('shows a dead letter raw, and one without an organization to the platform only', async () => {
    const record = {
      ...{ topic: 'events', partition: 0, offset: 3, timestamp: T0, key: null },
      value: Buffer.from('{broken'),
      headers: { trace: Buffer.from('1') },
    };
    const cause = { reason: 'undecodable', detail: 'not JSON', stage: 'router', atMs: T0 } as const;
    await service.send(encodeDeadLetter(service.topics.deadLetters, record, cause, 1_000));
    await service.caughtUp(everything());
    const { body } = await service.get('/v1/dead-letters?stage=router');
    const [letter] = (body as { data: { id: string }[] }).data;
    const path = `/v1/dead-letters/${letter?.id ?? ''}`;
    expect((await service.get(path)).body).toMatchObject({
      reason: 'undecodable',
      organization: null,
      record: { value: Buffer.from('{broken').toString('base64'), headers: [{ name: 'trace', value: 'MQ==' }] },
    });
    expect((await service.get(path, KEYS.acme)).status).toBe(404);
  });

  it('stores nothing twice when it stops between the database and the offsets', async () => {
    await service.stop();
    await service.start({ log: refusingCommits(service.kafka) });
    const event = routedEvent('twice');
    // The health of hours long past is deleted meanwhile; that of today counts in others' figures.
    const attempt = anAttempt(event, { startedAtMs: Date.now() - 3 * 86_400_000 });
    await service.send(produced('twice', '{}'), routed(event), attempted(attempt));
    const path = `/v1/deliveries/${deliveryId(event.id, 'sub_1')}`;
    await eventually(async () => {
      expect((await service.get(path)).body).toMatchObject({ state: 'delivered' });
      expect((await service.get(`/v1/events/${event.id}`)).status).toBe(200);
    });
    await service.stop();
    const before = [await service.log.contents(), await service.log.health()];

    await service.start();
    await service.caughtUp(everything());
    expect([await service.log.contents(), await service.log.health()]).toEqual(before);
  });

  describe('of an endpoint that fails', () => {
    const DAY_MS = 86_400_000;
    let mail: TestMailServer;
    beforeAll(async () => {
      mail = await TestMailServer.open();
    });
    afterAll(() => mail.close());

    const watched = (version: number, active: boolean): SubscriptionDocument => {
      const document = aDocument({ id: 'sub_failing', organization: 'org_acme', version, active });
      const onFailure = {
        ...{ deactivateOnGone: true, warnAfterMs: [7 * DAY_MS], deactivateAfterMs: 7 * DAY_MS, minAttempts: 3 },
        notify: { emails: ['ops@example.com'], events: true },
      };
      return { ...document, settings: { ...document.settings, onFailure } };
    };
    const failing = { subscription: 'sub_failing', number: 1 } as const;
    const failed = (n: number) => aFailure(routedEvent(`failing-${n}`, 'org_acme'), 1, failing);

    it('warns its owner by an event and an e-mail, has it deactivated, and tells each once', async () => {
      await service.stop();
      await service.start({ smtpUrl: mail.url });
      await service.configure(watched(1, true));
      await service.send(attempted(failed(1)), attempted(failed(2)));
      await service.caughtUp(everything());
      const told = async (kind: string) => {
        const { body } = await service.get(`/v1/events?type=hookstream.subscription.${kind}&organization=acme-1`);
        return (body as { data: { subject: string }[] }).data.map(({ subject }) => subject);
      };
      expect(await told('failing')).toEqual([]);

      await service.send(attempted(failed(3)));
      await eventually(async () => {
        expect(await told('failing')).toEqual(['sub_failing']);
        expect(mail.mails).toHaveLength(1);
        expect((await service.commands()).at(-1)).toMatchObject({
          ...{ kind: 'deactivate-subscription', subscription: 'sub_failing', reason: 'failing', expectedVersion: 1 },
        });
      });
      expect(await told('deactivated')).toEqual([]);
      await service.configure(watched(2, false));
      await eventually(async () => {
        expect(await told('deactivated')).toEqual(['sub_failing']);
        expect(mail.mails).toHaveLength(2);
      });

      await service.stop();
      await service.start({ smtpUrl: mail.url });
      await service.send(attempted(failed(4)));
      await service.caughtUp(everything());
      expect([await told('failing'), await told('deactivated')]).toEqual([['sub_failing'], ['sub_failing']]);
      const [warning, end] = mail.mails;
      expect(warning).toMatchObject({ from: 'hooks@example.com', to: ['ops@example.com'] });
      expect(warning?.headers.get('subject')).toBe('Webhook failing for 7d: billing');
      expect(warning?.headers.get('content-type')).toContain('text/plain');
      expect(warning?.text).toContain('Last failure:     HTTP 503');
      expect(end?.headers.get('subject')).toBe('Webhook deactivated: billing');
      expect(mail.mails).toHaveLength(2);
      await service.stop();
    });

    it('shows how it does, to its own organization only', async () => {
      await service.configure(watched(3, false));
      const recent = { startedAtMs: Date.now() - 5_000, durationMs: 180 };
      await service.send(attempted({ ...failed(5), ...recent }), attempted({ ...failed(6), ...recent }));
      await service.caughtUp(everything());
      const path = '/v1/stats/subscriptions/sub_failing';
      const { body } = await service.get(path, KEYS.acme);
      expect(body).toMatchObject({
        ...{ subscription: 'sub_failing', organization: 'org_acme', attempts: 2, failures: 2, successRate: 0 },
        latencyMs: { p50: 200, p99: 200 },
        deliveries: { pending: 0, retrying: 0, delivered: 0, complete: true },
        backlog: { waiting: 6, complete: true, oldestDue: new Date(T0 + 20_000).toISOString() },
        health: {
          state: 'failing',
          failingSince: new Date(T0 + 10_012).toISOString(),
          lastFailure: { what: 'HTTP 503' },
        },
      });
      const own = await service.get('/v1/stats?window=1h', KEYS.acme);
      expect(own.body).toMatchObject({
        ...{ attempts: 2, failing: [{ subscription: 'sub_failing' }] },
        backlog: { waiting: expect.any(Number), oldestDue: expect.any(String) },
      });

      await service.send(
        attempted(anAttempt(routedEvent('works', 'org_acme'), { ...recent, subscription: 'sub_failing' })),
      );
      await service.caughtUp(everything());
      expect((await service.get(path, KEYS.acme)).body).toMatchObject({
        deliveries: { delivered: 1 },
        ...{ attempts: 3, successes: 1, health: { state: 'healthy', failingSince: null, failedAttempts: 0 } },
      });
      expect((await service.get(path, KEYS.stranger)).status).toBe(404);
      expect((await service.get('/v1/stats?organization=org_acme', KEYS.stranger)).status).toBe(404);
      expect((await service.get('/v1/stats', KEYS.stranger)).body).toMatchObject({
        ...{ attempts: 0, deliveries: { delivered: 0 } },
      });
      expect((await service.get('/v1/stats/subscriptions/sub_nobody')).status).toBe(404);
      expect((await service.get('/v1/stats?window=8d')).status).toBe(400);
    });
  });

  it('reads a source from where it says, by its own mapping', async () => {
    const topic = `${service.prefix}orders`;
    await service.admin((admin) => admin.ensureTopics([{ name: topic, partitions: 1, replication: 1, config: {} }]));
    const order = (id: string) => ({
      topic,
      key: id,
      value: Buffer.from(JSON.stringify({ kind: 'order.paid', no: id })),
    });
    await service.send(order('o-0'));
    await service.configure({
      kind: 'source',
      id: 'src_orders',
      version: 1,
      topic,
      startOffsets: { '0': 1 },
      mapping: {
        format: 'json',
        type: { pointer: '/kind' },
        id: { pointer: '/no' },
        time: { from: 'timestamp' },
        subject: { pointer: '/none' },
        organization: { constant: 'org_default' },
        data: '',
      },
    });
    await service.send(order('o-1'));
    await eventually(async () => {
      const { body } = await service.get('/v1/events?type=order.paid');
      expect((body as { data: { externalId: string }[] }).data.map(({ externalId }) => externalId)).toEqual(['o-1']);
    });
  });
});
