// Real: Kafka, HTTP over sockets, axios, the whole dispatcher. The retry-scheduler's part is played by the test.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryId, type ResourceHydration } from '@hookstream/domain';
import type { Delivery } from '@hookstream/contracts';
import { aDocument, aDueDelivery, anEvent, ScriptedReceiver, type Script } from '@hookstream/testing';
import { DispatcherTestBed, soon } from './support/dispatcher-test-bed.js';

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

const hydrate = (part: Partial<ResourceHydration> = {}): ResourceHydration => ({
  url: receiver.url('/invoices/{{event.subject}}'),
  headers: {},
  timeoutMs: 3_000,
  cacheMs: 0,
  notFound: 'null',
  ...part,
});

function delivery(n: number, id: Delivery['subscription'] = 'sub_1'): Delivery {
  const nowMs = Date.now();
  const event = anEvent({ id: `evt_${n}`, subject: `inv-${n}` });
  const times = { runStartedAtMs: nowMs, firstSeenAtMs: nowMs, dueAtMs: nowMs };
  return aDueDelivery({ ...times, event, id: deliveryId(event.id, id), subscription: id });
}

const subscription = (id: Delivery['subscription'], part: Parameters<typeof aDocument>[0] = {}) =>
  aDocument({ id, format: 'raw', endpoint: { url: receiver.url(`/${id}`) }, ...part });
const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

describe('a payload that is made of an entity at the delivery', () => {
  it('is that of each attempt, waits without an attempt while the entity cannot be read, and is kept as it was sent', async () => {
    const auth = {
      type: 'bearer',
      sealed: bed.secrets.seal(Buffer.from('entity-token'), { organization: 'org_default', subscription: 'sub_1' }),
    } as const;
    await bed.configure(subscription('sub_1', { hydrate: hydrate({ auth }), retry: { scheduleMs: [500] } }));
    const entities = [{ status: 500 }, json({ state: 'paid' }), json({ state: 'cancelled' })];
    const endpoints = [{ status: 503 }, { status: 200 }];
    const script: Script = ({ method }) => (method === 'GET' ? entities : endpoints).shift() ?? { status: 200 };
    receiver.answerWith(script);
    await bed.start();
    await bed.deliver(delivery(7));
    const waiting = await soon(async () => {
      const [next] = await bed.deliveriesIn(bed.topics.delayNear);
      if (!next) throw new Error('nothing in delay.near yet');
      expect(next).toMatchObject({ attempt: 1, attemptsInRun: 0, reason: 'entity-unavailable', hops: 1 });
      return next;
    });
    expect([await bed.reports(), await bed.deadLetters(), receiver.requestsTo('/sub_1')]).toEqual([[], [], []]);

    await bed.deliver({ ...waiting, dueAtMs: Date.now() });
    const second = await soon(async () => {
      const next = (await bed.deliveriesIn(bed.topics.delayNear))[1];
      if (!next) throw new Error('no second attempt yet');
      return next;
    });
    await bed.deliver({ ...second, dueAtMs: Date.now(), hops: 1 });
    const bodies = ['{"state":"paid"}', '{"state":"cancelled"}'];
    await soon(async () => {
      const reports = (await bed.reports()).sort((a, b) =>
        a.kind === 'attempt' && b.kind === 'attempt' ? a.number - b.number : 0,
      );
      expect(reports).toMatchObject(
        bodies.map((body, index) => ({
          ...{ number: index + 1, state: index === 0 ? 'retrying' : 'delivered' },
          request: { body: Buffer.from(body).toString('base64') },
        })),
      );
    });
    expect(receiver.requestsTo('/sub_1').map(({ body }) => body.toString())).toEqual(bodies);
    const asked = receiver.requestsTo('/invoices/inv-7');
    expect(asked.map(({ method, headers }) => [method, headers.authorization])).toEqual(
      Array(3).fill(['GET', 'Bearer entity-token']),
    );
  });

  it('keeps nobody else waiting while its source hangs, and is refused an address inside', async () => {
    const hangs: Script = ({ method }) => (method === 'GET' ? 'hang' : {});
    receiver.answerWith(hangs);
    const inside = hydrate({ url: 'http://169.254.169.254/latest' });
    await bed.configure(
      subscription('sub_1', { hydrate: hydrate({ timeoutMs: 4_000 }) }),
      subscription('sub_2'),
      subscription('sub_3', { hydrate: inside }),
    );
    await bed.start();
    await bed.deliver(...Array.from({ length: 150 }, (_, n) => delivery(n)), delivery(200, 'sub_3'));
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(10));
    await bed.deliver(...Array.from({ length: 50 }, (_, n) => delivery(n, 'sub_2')));
    await soon(() => expect(receiver.requestsTo('/sub_2')).toHaveLength(50));
    // The first readings still hang.
    const putOff = (await bed.deliveriesIn(bed.topics.delayNear)).filter((one) => one.subscription === 'sub_1');
    expect(putOff).toEqual([]);
    await soon(async () => expect(await bed.committedRecords()).toBe(201));
    expect(receiver.journal.filter(({ method }) => method === 'GET').length).toBeLessThan(80);
    const waiting = await bed.deliveriesIn(bed.topics.delayNear);
    expect(waiting.filter(({ subscription: id }) => id === 'sub_3')).toMatchObject([{ reason: 'entity-unavailable' }]);
    expect((await bed.reports()).every(({ state }) => state === 'delivered')).toBe(true);
  });

  it('is the newest value of a topic, from when that was read to its end, and null after a tombstone', async () => {
    const topic = `${bed.prefix}invoices`;
    const write = (key: string, value: string | null) =>
      bed.write({ topic, key, value: value === null ? null : Buffer.from(value) });
    await bed.createCompacted(topic);
    await write('inv-7', '{"state":"draft"}');
    await write('inv-8', '{"state":"sent"}');
    await write('inv-7', '{"state":"paid"}');
    await bed.configure(subscription('sub_1', { hydrate: { topic, key: '{{event.subject}}', notFound: 'null' } }));
    await bed.start();
    const sent = () => receiver.requestsTo('/sub_1').map(({ body }) => body.toString());
    await bed.deliver(delivery(7));
    const first = await soon(async () => {
      const [waiting] = await bed.deliveriesIn(bed.topics.delayNear);
      if (!waiting) throw new Error('nothing in delay.near yet');
      return waiting;
    });
    expect(first).toMatchObject({ reason: 'entity-unavailable', attempt: 1 });
    let hops = first.hops;
    await soon(async () => {
      if (sent().length > 0) return;
      hops += 1;
      await bed.deliver({ ...first, dueAtMs: Date.now(), hops });
      throw new Error('not sent yet');
    });
    expect(sent()[0]).toBe('{"state":"paid"}');
    const before = sent().length;
    await write('inv-8', null);
    let n = 0;
    await soon(async () => {
      if (sent().slice(before).includes('null')) return;
      n += 1;
      await bed.deliver({ ...delivery(8), id: deliveryId(`evt_again-${n}`, 'sub_1') });
      throw new Error('not gone yet');
    });
  });
});
