import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ScriptedReceiver, type ReceivedRequest } from '@hookstream/testing';
import { seededRandom } from '../support/random.js';
import { startWorld, type World } from '../support/world.js';

/** The whole: HOOKSTREAM_TEST_ORDERED_EVENTS=10000. */
const EVENTS = Number(process.env['HOOKSTREAM_TEST_ORDERED_EVENTS'] ?? 1_000);
const SEED = Number(process.env['HOOKSTREAM_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const KEYS = 100;
const FAILING_SHARE = 0.05;
const SENDS = 20;

interface Told {
  readonly key: string;
  readonly n: number;
}

function told({ body }: ReceivedRequest): Told {
  return (JSON.parse(body.toString()) as { data: Told }).data;
}

/** Of each key, the numbers of its events in the order of their first success. */
function firstSuccesses(accepted: readonly ReceivedRequest[]): ReadonlyMap<string, readonly number[]> {
  const firsts = new Map<string, Set<number>>();
  for (const { key, n } of accepted.map(told)) firsts.set(key, (firsts.get(key) ?? new Set<number>()).add(n));
  return new Map([...firsts].map(([key, numbers]) => [key, [...numbers]]));
}

// Real: all five services as processes, Kafka, PostgreSQL, a receiver, SIGTERM and SIGKILL. Seeded: what fails.
describe(`order survives restarts (seed ${SEED})`, () => {
  let world: World;
  const random = seededRandom(SEED);

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it(`${EVENTS} events over ${KEYS} keys succeed first in order, ${FAILING_SHARE * 100} % of requests failing`, async () => {
    const accepted: ReceivedRequest[] = [];
    let failures = 0;
    const receiver = await ScriptedReceiver.start((request) => {
      if (random() < FAILING_SHARE) {
        failures += 1;
        return { status: 503 };
      }
      accepted.push(request);
      return {};
    });
    const { id } = await world.api.subscribe({
      name: 'in order',
      eventTypes: ['order.*'],
      endpoint: { url: receiver.url() },
      ordering: { mode: 'fifo', orderingKey: 'subject' },
      retry: { schedule: ['200ms', '500ms', '1s', '2s', '4s', '8s', '15s'], jitter: 0.1 },
    });

    const startedAtMs = Date.now();
    const producing = produce();
    await restartDispatcher('SIGTERM');
    await restartDispatcher('SIGKILL');
    await producing;
    await eventually(
      async () => {
        expect(new Set(accepted.map((request) => told(request).n)).size).toBe(EVENTS);
        expect(await world.api.deliveries(`subscription=${id}&state=pending&state=retrying&limit=1`)).toEqual([]);
        expect((await world.allDeliveries(id)).length).toBe(EVENTS);
      },
      { timeoutMs: 30_000 + EVENTS * 15, intervalMs: 500 },
    );
    const tookMs = Date.now() - startedAtMs;
    const states = (await world.allDeliveries(id)).map(({ state }) => state);
    await receiver.close();
    const missing = EVENTS - new Set(accepted.map((request) => told(request).n)).size;
    const duplicates = accepted.length - new Set(accepted.map(({ headers }) => headers['webhook-id'])).size;
    console.info(`seed ${SEED}: ${JSON.stringify({ events: EVENTS, missing, duplicates, failures, tookMs })}`);

    expect(missing).toBe(0);
    expect(states).toEqual(Array.from({ length: EVENTS }, () => 'delivered'));
    const firsts = firstSuccesses(accepted);
    expect(firsts.size).toBe(KEYS);
    for (const numbers of firsts.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }, 420_000);

  /** In some seconds, so that both restarts come while there is work. */
  async function produce(): Promise<void> {
    const chunk = Math.ceil(EVENTS / SENDS);
    for (let first = 0; first < EVENTS; first += chunk) {
      await world.producer.sendAll(
        Array.from({ length: Math.min(chunk, EVENTS - first) }, (_, index) => {
          const n = first + index;
          const key = `k${n % KEYS}`;
          const value = Buffer.from(
            JSON.stringify({ type: 'order.made', id: `o-${n}`, subject: key, data: { key, n } }),
          );
          return { topic: world.topics.events, key, value };
        }),
      );
      await pause(400);
    }
  }

  async function restartDispatcher(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const dispatcher = world.stack.service('dispatcher');
    await pause(1_500);
    await (signal === 'SIGTERM' ? dispatcher.stop() : dispatcher.kill(signal));
    await dispatcher.start();
    await dispatcher.ready();
  }
});
