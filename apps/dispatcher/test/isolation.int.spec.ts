// Real: Kafka, kafkajs, Nest, HTTP over sockets, the whole dispatcher. The retry-scheduler's part is played by the test.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryId } from '@hookstream/domain';
import { encodeDelivery, type Delivery } from '@hookstream/contracts';
import { eventually, ScriptedReceiver, type ReceivedRequest } from '@hookstream/testing';
import { aDueDelivery, aDocument } from '@hookstream/testing';
import { DispatcherTestBed, soon } from './support/dispatcher-test-bed.js';

type SubscriptionId = Delivery['subscription'];

let bed: DispatcherTestBed;
let receiver: ScriptedReceiver;
let sick: ScriptedReceiver;
beforeEach(async () => {
  bed = new DispatcherTestBed();
  receiver = await ScriptedReceiver.start();
  sick = await ScriptedReceiver.start();
  await bed.createTopics();
});
afterEach(async () => {
  await receiver.close();
  await sick.close();
  await bed.close();
});

const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const HEALTHY: readonly SubscriptionId[] = range(10).map((n) => `sub_healthy${n}` as const);

function subscription(id: SubscriptionId, at: ScriptedReceiver) {
  const retry = { scheduleMs: [2_000, 60_000, 60_000, 60_000] };
  return aDocument({ id, retry, endpoint: { url: at.url(`/${id}`), timeoutMs: 15_000 } });
}

function delivery(n: number, id: SubscriptionId): Delivery {
  const nowMs = Date.now();
  const times = { runStartedAtMs: nowMs, firstSeenAtMs: nowMs, dueAtMs: nowMs, plannedAtMs: nowMs };
  return aDueDelivery({ ...times, id: deliveryId(`evt_${n}`, id), subscription: id });
}

/** All in one partition, where each could be in the way of the others. */
const inOnePartition = (of: Delivery) => ({ ...encodeDelivery(bed.topics.deliveries, of), partition: 0 });
const distinct = (requests: readonly ReceivedRequest[]) =>
  new Set(requests.map(({ headers }) => String(headers['webhook-id']))).size;

/** Open loop: a record to each healthy endpoint every 50 ms, and what `others` adds; waits for all healthy ones. */
async function drive(
  { from, rounds }: { readonly from: number; readonly rounds: number },
  others: (round: number) => readonly Delivery[],
): Promise<readonly number[]> {
  receiver.journal.length = 0;
  const sentAtMs = new Map<string, number>();
  const startedAtMs = Date.now();
  for (const n of range(rounds)) {
    const round = from + n;
    const waitMs = startedAtMs + n * 50 - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const healthy = HEALTHY.map((id) => delivery(round, id));
    for (const { id } of healthy) sentAtMs.set(id, Date.now());
    await bed.write(...[...healthy, ...others(round)].map(inOnePartition));
  }
  await soon(() => expect(distinct(receiver.journal)).toBe(rounds * HEALTHY.length));
  return receiver.journal
    .map(({ headers, arrivedAtMs }) => arrivedAtMs - (sentAtMs.get(String(headers['webhook-id'])) ?? 0))
    .sort((a, b) => a - b);
}

const p99 = (sorted: readonly number[]) => sorted[Math.floor(sorted.length * 0.99)] ?? Infinity;

describe('isolation of endpoints', () => {
  it('delivers to ten healthy endpoints as ever beside one that hangs with a third of the traffic and one that refuses', async () => {
    const refusing = await ScriptedReceiver.start();
    await refusing.close();
    await bed.configure(
      ...HEALTHY.map((id) => subscription(id, receiver)),
      subscription('sub_hangs', sick),
      subscription('sub_refuses', refusing),
    );
    sick.answerWith(() => 'hang');
    await bed.start();
    await drive({ from: 0, rounds: 20 }, () => []);
    const alone = await drive({ from: 20, rounds: 100 }, () => []);
    const sickOnes = (round: number) => [
      ...range(5).map((n) => delivery(round * 5 + n, 'sub_hangs')),
      delivery(round, 'sub_refuses'),
    ];
    const beside = await drive({ from: 120, rounds: 200 }, sickOnes);
    console.info(
      `healthy p50/p99 alone ${alone[Math.floor(alone.length / 2)]}/${p99(alone)} ms, beside sick ones ` +
        `${beside[Math.floor(beside.length / 2)]}/${p99(beside)} ms, worst ${beside.at(-1)} ms`,
    );
    // What hangs does so for five seconds at least; the margin is for a busy machine.
    expect(p99(beside)).toBeLessThan(p99(alone) + 1_000);
    expect(beside.at(-1)).toBeLessThan(4_000);
    expect(distinct(sick.journal)).toBeLessThan(100);

    // Each delivery is still somewhere: as the next attempt or as what was diverted.
    await soon(async () => expect(await bed.whereabouts('sub_hangs')).toBe(1_000));
    await soon(async () => expect(await bed.whereabouts('sub_refuses')).toBe(200));
  });

  it('works off 20,000 events of one fast endpoint without sending any elsewhere', async () => {
    const count = 20_000;
    await bed.configure(subscription('sub_hot', receiver));
    await bed.write(...range(count).map((n) => inOnePartition(delivery(n, 'sub_hot'))));
    const service = await bed.start();
    await soon(() => expect(receiver.journal.length).toBeGreaterThan(0));
    const startedAtMs = receiver.journal[0]?.arrivedAtMs ?? 0;
    await eventually(() => expect(receiver.journal.length).toBe(count), { timeoutMs: 50_000 });
    const tookMs = (receiver.journal.at(-1)?.arrivedAtMs ?? 0) - startedAtMs;
    console.info(`20,000 events to one endpoint in ${tookMs} ms`);
    await service.stop();
    expect(await bed.postponed()).toEqual([]);
  });

  it('starts no more requests per second than a subscription allows, and loses none', async () => {
    const limited = aDocument({
      id: 'sub_limited',
      endpoint: { url: receiver.url('/limited') },
      perSecond: 10,
    });
    await bed.configure(limited, subscription('sub_free', sick));
    await bed.start();
    await bed.write(
      ...range(40)
        .flatMap((n) => [delivery(n, 'sub_limited'), delivery(n, 'sub_free')])
        .map(inOnePartition),
    );
    await soon(() => expect(distinct(receiver.journal)).toBe(40));
    const [first = 0, ...rest] = receiver.journal.map(({ arrivedAtMs }) => arrivedAtMs).sort((a, b) => a - b);
    // One second's worth at once, then one every 100 ms; the margin is what requests need on their way.
    expect((rest.at(-1) ?? 0) - first).toBeGreaterThan(2_800);
    expect((rest.at(24) ?? 0) - first).toBeGreaterThan(1_300);
    expect(Math.max(...sick.journal.map(({ arrivedAtMs }) => arrivedAtMs)) - first).toBeLessThan(2_000);
  });

  it('remembers across a restart that an endpoint is open or asked to be left alone, and forgets it when it is well', async () => {
    await bed.configure(subscription('sub_open', sick), subscription('sub_held', receiver));
    sick.answerWith(() => ({ status: 500 }));
    receiver.answerWith(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const first = await bed.start();
    await bed.write(...range(20).map((n) => inOnePartition(delivery(n, 'sub_open'))));
    await bed.write(inOnePartition(delivery(0, 'sub_held')));
    await soon(async () => {
      expect(await bed.endpointStates()).toMatchObject({
        sub_open: { breaker: 'open', openings: 1 },
        sub_held: { breaker: 'closed' },
      });
    });
    await first.stop();
    const asked = [sick.journal.length, receiver.journal.length];
    await bed.start();
    await bed.write(...range(3).map((n) => inOnePartition(delivery(n + 20, 'sub_open'))));
    await bed.write(...range(3).map((n) => inOnePartition(delivery(n + 1, 'sub_held'))));
    await soon(async () => {
      const diverted = (await bed.postponed()).filter(({ attempt }) => attempt === 1);
      expect(diverted.filter(({ subscription: id }) => id === 'sub_held')).toHaveLength(3);
      expect(await bed.whereabouts('sub_open')).toBe(23);
    });
    expect([sick.journal.length, receiver.journal.length]).toEqual(asked);

    // It is well again: retries that keep their own schedule probe, and the rest follows.
    sick.answerWith(() => ({}));
    const waiting = (await bed.postponed()).filter(({ subscription: id }) => id === 'sub_open');
    const due = (of: Delivery, round: number) => ({ ...of, dueAtMs: Date.now(), hops: of.hops + 1 + round });
    let round = 0;
    sick.journal.length = 0;
    await eventually(
      async () => {
        const arrived = new Set(sick.journal.map(({ headers }) => headers['webhook-id']));
        const left = waiting.filter(({ id }) => !arrived.has(id));
        if (left.length > 0) {
          round += 1;
          const again = left.map((of, index) =>
            index === 0 ? { ...due(of, round), reason: 'retry' as const } : due(of, round),
          );
          await bed.write(...again.slice(0, round === 1 ? 1 : again.length).map(inOnePartition));
        }
        expect(left).toEqual([]);
        expect(await bed.endpointStates()).not.toHaveProperty('sub_open');
      },
      { timeoutMs: 40_000, intervalMs: 1_500 },
    );
  });
});
