// Real: Kafka, kafkajs, Nest, HTTP over sockets, the whole dispatcher. The router's part is played by the test.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryId, type Ordering } from '@hookstream/domain';
import { decodeCommand, encodeDelivery, type Delivery } from '@hookstream/contracts';
import { aDocument, aDueDelivery, ScriptedReceiver, type ReceivedRequest } from '@hookstream/testing';
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

const SUBSCRIPTION = 'sub_ordered';
const range = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);
const told = ({ body }: ReceivedRequest) => (JSON.parse(body.toString()) as { data: number }).data;
const arrived = () => receiver.journal.map(told);

function subscription(
  ordering: Partial<Ordering>,
  scheduleMs: number[],
  more: { paused?: boolean; version?: number } = {},
) {
  return aDocument({
    id: SUBSCRIPTION,
    endpoint: { url: receiver.url() },
    retry: { scheduleMs, maxAgeMs: 3_600_000 },
    ordering: { mode: 'fifo', policy: 'block', ...ordering },
    ...more,
  });
}

function delivery(n: number, key = ''): Delivery {
  const nowMs = Date.now();
  const times = { runStartedAtMs: nowMs, firstSeenAtMs: nowMs, dueAtMs: nowMs, plannedAtMs: nowMs };
  const id = deliveryId(`evt_${n}`, SUBSCRIPTION);
  return aDueDelivery({ ...times, id, subscription: SUBSCRIPTION, data: Buffer.from(String(n)), order: { key } });
}

const write = (...deliveries: readonly Delivery[]) =>
  bed.write(...deliveries.map((each) => encodeDelivery(bed.topics.deliveriesFifo, each)));

describe('ordered deliveries', () => {
  it('wait for the one before them while it is retried, and pass over those of other keys', async () => {
    let refused = 0;
    receiver.answerWith((request) => (told(request) === 0 && refused++ < 2 ? { status: 503 } : {}));
    await bed.configure(subscription({ orderingKey: 'subject' }, [500, 7_000, 500]));
    await bed.start();
    await write(delivery(0, 'a'), ...range(20, 1).map((n) => delivery(n, 'a')), delivery(100, 'b'));
    await soon(() => expect(arrived()).toContain(100));
    await soon(async () => expect(await bed.deliveriesIn(bed.topics.fifoHold)).toHaveLength(22));
    expect(arrived().filter((n) => n !== 100)).toEqual([0, 0]);
    await soon(() => expect(arrived().filter((n) => n !== 100)).toEqual([0, 0, ...range(21)]));
    const reports = await bed.reports();
    expect(reports.filter(({ state }) => state === 'delivered')).toHaveLength(22);
    expect(await bed.postponed()).toEqual([]);
  });

  it('go on where they stood after the dispatcher was replaced', async () => {
    let down = true;
    receiver.answerWith(() => (down ? { status: 503 } : {}));
    await bed.configure(
      subscription(
        {},
        range(50).map(() => 1_000),
      ),
    );
    const first = await bed.start();
    await write(...range(30).map((n) => delivery(n)));
    await soon(() => expect(arrived().length).toBeGreaterThan(1));
    await first.stop();
    await bed.start();
    await write(...range(10, 30).map((n) => delivery(n)));
    down = false;
    receiver.journal.length = 0;
    await soon(() => expect([...new Set(arrived())]).toEqual(range(40)));
    const numbers = (await bed.reports()).flatMap((report) => (report.kind === 'attempt' ? [report] : []));
    const ofFirst = numbers.filter(({ delivery: id }) => id === deliveryId('evt_0', SUBSCRIPTION));
    expect(ofFirst.map(({ number }) => number)).toEqual(range(ofFirst.length, 1));
  });

  it('skip one that has failed often enough', async () => {
    receiver.answerWith((request) => (told(request) === 0 ? { status: 500 } : {}));
    await bed.configure(subscription({ policy: 'skip', skipAfter: 2 }, [300, 60_000]));
    await bed.start();
    await write(...range(3).map((n) => delivery(n)));
    await soon(() => expect(arrived()).toEqual([0, 0, 1, 2]));
    await soon(async () =>
      expect(await bed.reports()).toContainEqual(expect.objectContaining({ state: 'exhausted', reason: 'attempts' })),
    );
  });

  it('stand still when one has failed for good and that is to be looked at, until the subscription is resumed', async () => {
    receiver.answerWith((request) => (told(request) === 0 ? { status: 500 } : {}));
    await bed.configure(subscription({ policy: 'pause' }, []));
    await bed.start();
    await write(...range(3).map((n) => delivery(n)));
    await soon(async () => {
      const [command] = (await bed.read(bed.topics.commands)).map(decodeCommand);
      expect(command).toMatchObject({ kind: 'pause-subscription', subscription: SUBSCRIPTION, expectedVersion: 3 });
    });
    await bed.configure(subscription({ policy: 'pause' }, [], { version: 4, paused: true }));
    await soon(async () => expect(await bed.deliveriesIn(bed.topics.fifoHold)).toHaveLength(2));
    expect(arrived()).toEqual([0]);
    await bed.configure(subscription({ policy: 'pause' }, [], { version: 5 }));
    await soon(() => expect(arrived()).toEqual([0, 1, 2]));
  });
});
