import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, ScriptedReceiver, type Reaction, type ReceivedRequest } from '@hookstream/testing';
import type { SubscriptionView } from '../support/api-client.js';
import { reconcile, type Ledger } from '../support/ledger.js';
import { seededRandom } from '../support/random.js';
import { startWorld, type World } from '../support/world.js';

const EVENTS = Number(process.env['HOOKSTREAM_TEST_EVENTS'] ?? 5_000);
const SEED = Number(process.env['HOOKSTREAM_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const KILLS = 8;
/** What a dispatcher has under way at most: sent and not reported (`2 * HOOKSTREAM_MAX_IN_FLIGHT`). */
const IN_FLIGHT = 1_024;

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
    const victims = await killAtRandom();
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

    const reports = await world.allReports();
    const ledgers: Ledger[] = [];
    for (const [index, { accepted }] of receivers.entries()) {
      const id = subscriptions[index]?.id;
      if (id === undefined) throw new Error('no subscription');
      const ofSubscription = reports.filter(({ subscription }) => subscription === id);
      ledgers.push(reconcile(EVENTS, { accepted, deliveries: await world.allDeliveries(id), reports: ofSubscription }));
    }
    await Promise.all(receivers.map(({ receiver }) => receiver.close()));
    console.info(
      `seed ${SEED}, killed ${victims.join(', ')}:\n${ledgers
        .map((ledger, index) => `  receiver ${index}: ${JSON.stringify({ ...ledger, missing: ledger.missing.length })}`)
        .join('\n')}`,
    );
    for (const ledger of ledgers) {
      expect(ledger.missing).toEqual([]);
      expect(ledger.states).toEqual({ delivered: EVENTS });
      expect(ledger.logMismatches).toBe(0);
    }
    const sum = (of: 'duplicates' | 'repeats') => ledgers.reduce((total, ledger) => total + ledger[of], 0);
    expect(sum('repeats')).toBeLessThanOrEqual(0.001 * EVENTS * ledgers.length);
    const dispatcherKills = victims.filter((victim) => victim === 'dispatcher').length;
    expect(sum('duplicates') - sum('repeats')).toBeLessThanOrEqual(IN_FLIGHT * dispatcherKills);
  }, 420_000);

  /** Spread over the time of the kills. */
  async function produce(): Promise<void> {
    const chunk = 50;
    for (let first = 0; first < EVENTS; first += chunk) {
      await world.producer.sendAll(
        Array.from({ length: Math.min(chunk, EVENTS - first) }, (_, index) => {
          const n = first + index;
          const value = Buffer.from(JSON.stringify({ type: `load.${n % 7}`, id: `load-${n}`, data: { n } }));
          return { topic: world.topics.events, key: `k${n % 50}`, value };
        }),
      );
      await pause(400);
    }
  }

  /** Each when it is at work again: one that still waits for its partitions has nothing to lose. */
  async function killAtRandom(): Promise<string[]> {
    const victims: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const victim = random() < 0.5 ? 'router' : 'dispatcher';
      const service = world.stack.service(victim);
      await service.ready();
      await pause(random() * 2_500);
      await service.kill('SIGKILL');
      victims.push(victim);
      await pause(random() * 1_000);
      await service.start();
    }
    return victims;
  }
});
