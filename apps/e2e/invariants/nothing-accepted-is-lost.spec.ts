import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ScriptedReceiver, type Reaction, type ReceivedRequest } from '@hookstream/testing';
import type { SubscriptionView } from '../support/api-client.js';
import { reconcile } from '../support/ledger.js';
import { seededRandom } from '../support/random.js';
import { startWorld, type World } from '../support/world.js';

const EVENTS = Number(process.env['HOOKSTREAM_TEST_EVENTS'] ?? 5_000);
const SEED = Number(process.env['HOOKSTREAM_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const KILLS = 8;

/** A receiver that remembers what it accepted. */
async function startReceiver(react: (request: ReceivedRequest) => Reaction) {
  const accepted: ReceivedRequest[] = [];
  const receiver = await ScriptedReceiver.start((request) => {
    const reaction = react(request);
    if (typeof reaction === 'object' && (reaction.status ?? 200) < 300) accepted.push(request);
    return reaction;
  });
  return { receiver, accepted };
}

// Real: all five services as processes, Kafka, PostgreSQL, receivers, SIGKILL. Seeded: when and whom it hits.
describe(`nothing accepted is lost (seed ${SEED})`, () => {
  let world: World;
  const random = seededRandom(SEED);

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it(`${EVENTS} events for 3 subscriptions all arrive while router and dispatcher are killed at random`, async () => {
    const failedOnce = new Set<string>();
    const receivers = [
      await startReceiver(() => ({})),
      await startReceiver(({ headers }) => {
        const id = String(headers['webhook-id']);
        if (random() > 0.1 || failedOnce.has(id)) return {};
        failedOnce.add(id);
        return { status: 503 };
      }),
      await startReceiver(() => ({ delayMs: 20 })),
    ];
    const subscriptions: SubscriptionView[] = [];
    for (const [index, { receiver }] of receivers.entries()) {
      subscriptions.push(
        await world.api.subscribe({
          name: `receiver ${index}`,
          eventTypes: ['load.*'],
          endpoint: { url: receiver.url() },
          retry: { schedule: ['1s', '2s', '4s', '8s', '15s', '30s'], jitter: 0.1 },
        }),
      );
    }

    const producing = produce();
    await killAtRandom();
    await producing;

    await eventually(
      async () => {
        for (const { id } of subscriptions) {
          expect(await world.api.deliveries(`subscription=${id}&state=pending&state=retrying&limit=1`)).toEqual([]);
          expect((await world.allDeliveries(id)).length).toBe(EVENTS);
        }
      },
      { timeoutMs: 180_000, intervalMs: 1_000 },
    );

    const ledgers = [];
    for (const [index, { accepted }] of receivers.entries()) {
      const subscription = subscriptions[index];
      if (!subscription) throw new Error('no subscription');
      ledgers.push(reconcile(EVENTS, accepted, await world.allDeliveries(subscription.id)));
    }
    console.info(
      `seed ${SEED}, ${KILLS} kills:\n${ledgers
        .map((ledger, index) => `  receiver ${index}: ${JSON.stringify({ ...ledger, missing: ledger.missing.length })}`)
        .join('\n')}`,
    );
    for (const ledger of ledgers) {
      expect(ledger.missing).toEqual([]);
      expect(ledger.states).toEqual({ delivered: EVENTS });
      expect(ledger.logMismatches).toBe(0);
    }
    await Promise.all(receivers.map(({ receiver }) => receiver.close()));
  }, 420_000);

  /** Spread over the time of the kills. */
  async function produce(): Promise<void> {
    const chunk = 100;
    for (let first = 0; first < EVENTS; first += chunk) {
      await world.producer.sendAll(
        Array.from({ length: Math.min(chunk, EVENTS - first) }, (_, index) => {
          const n = first + index;
          const value = Buffer.from(JSON.stringify({ type: `load.${n % 7}`, id: `load-${n}`, data: { n } }));
          return { topic: world.topics.events, key: `k${n % 50}`, value };
        }),
      );
      await pause(300);
    }
  }

  async function killAtRandom(): Promise<void> {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(500 + random() * 2_500);
      const victim = random() < 0.5 ? 'router' : 'dispatcher';
      const service = world.stack.service(victim);
      await service.kill('SIGKILL');
      await pause(random() * 1_000);
      await service.start();
    }
  }
});
