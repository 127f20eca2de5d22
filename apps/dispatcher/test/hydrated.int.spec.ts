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
      subscription('sub_1', { hydrate: hydrate({ timeoutMs: 2_000 }) }),
      subscription('sub_2'),
      subscription('sub_3', { hydrate: inside }),
    );
    await bed.start();
    await bed.deliver(...Array.from({ length: 150 }, (_, n) => delivery(n)), delivery(200, 'sub_3'));
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(10));
    const startedAtMs = Date.now();
    await bed.deliver(...Array.from({ length: 50 }, (_, n) => delivery(n, 'sub_2')));
    await soon(() => expect(receiver.requestsTo('/sub_2')).toHaveLength(50));
    expect(Date.now() - startedAtMs).toBeLessThan(1_500);
    await soon(async () => expect(await bed.committedRecords()).toBe(201));
    expect(receiver.journal.filter(({ method }) => method === 'GET').length).toBeLessThan(80);
    const waiting = await bed.deliveriesIn(bed.topics.delayNear);
    expect(waiting.filter(({ subscription: id }) => id === 'sub_3')).toMatchObject([{ reason: 'entity-unavailable' }]);
    expect((await bed.reports()).every(({ state }) => state === 'delivered')).toBe(true);
  });
});
