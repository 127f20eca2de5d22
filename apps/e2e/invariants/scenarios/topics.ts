import { eventually } from '@hookstream/testing';
import type { Stage } from '../../support/stage.js';
import { castUsual, type Scenario } from './scenario.js';

const SEEN_MS = 60_000;
/** Numbers of its events, apart from those of the load. */
const FIRST_ORDER = 1_000_000;
const AWAY_MS = 5_000;

/** A topic of somebody else's, with the source and the subscription that make deliveries of it. */
class OrdersTopic {
  private sent = 0;

  private constructor(
    private readonly stage: Stage,
    readonly name: string,
  ) {}

  /** Declared before the topic is there. */
  static async declare(stage: Stage): Promise<OrdersTopic> {
    const { api, topics } = stage.world;
    const { url } = await stage.receive('orders');
    const { id } = await api.subscribe({ name: 'orders', eventTypes: ['orders.made'], endpoint: { url } });
    stage.expect({ subscription: id, receiver: 'orders', every: 'routed', prompt: false, ends: ['delivered'] });
    const topic = `${topics.events}.orders`;
    const mapping = { format: 'json', type: { constant: 'orders.made' }, id: { pointer: '/id' } };
    const { status } = await api.call('POST', '/v1/sources', { name: 'orders', topic, mapping });
    if (status !== 201) throw new Error(`POST /v1/sources: ${status}`);
    return new OrdersTopic(stage, topic);
  }

  /** Resolves when all that was ever accepted is received. */
  async take(count: number): Promise<void> {
    const { producer } = this.stage.world;
    const numbers = Array.from({ length: count }, (_, index) => FIRST_ORDER + this.sent + index);
    const record = (n: number) => ({ topic: this.name, key: `k${n}`, value: orderOf(n) });
    await producer.sendAll(numbers.map(record));
    this.sent += count;
    await eventually(() => this.assertSeen(), { timeoutMs: SEEN_MS, intervalMs: 100 });
  }

  private assertSeen(): void {
    const { seen } = this.stage.receiver('orders');
    if (seen < this.sent) throw new Error(`${seen} of ${this.sent} orders were received`);
  }
}

function orderOf(n: number): Buffer {
  return Buffer.from(JSON.stringify({ id: `load-${n}`, n }));
}

export const sourceTopics: Scenario = {
  name: 'source-topics',
  title: 'a source’s topic that comes late, grows, or is deleted and made anew loses nothing and holds nobody up',
  events: 1_000,
  perSecond: 100,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    const { world } = stage;
    const orders = await OrdersTopic.declare(stage);
    stage.load.begin();
    await world.createTopic(orders.name);
    await orders.take(50);
    await world.growTopic(orders.name, 6);
    await orders.take(60);
    await world.deleteTopic(orders.name);
    await world.createTopic(orders.name);
    await orders.take(300);
    await stage.caughtUp();
  },
};

/** Nothing is in them when they are deleted: what was would be lost, as in any system on Kafka. */
export const internalTopics: Scenario = {
  name: 'internal-topics',
  title:
    'internal topics deleted by mistake hold up what needs them, until they are made anew, and lose nothing of the rest',
  events: 4_000,
  perSecond: 100,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    const { world } = stage;
    let refuses = false;
    await stage.cast({
      receiver: 'later',
      every: 10,
      answer: ({ n, before }) => ({ status: refuses && before === 0 && n % 50 === 0 ? 404 : 200 }),
      settings: { retry: { schedule: ['12s', '12s', '12s'], jitter: 0 } },
    });
    stage.load.begin();
    const level = world.topics.delayLevels.find(({ delayMs }) => delayMs === 10_000)?.topic ?? '';
    await stage.pause(2_000, 2_000);
    await world.deleteTopic(level);
    refuses = true;
    await stage.pause(AWAY_MS, AWAY_MS);
    await world.restoreTopics();
    await stage.pause(AWAY_MS, AWAY_MS);
    refuses = false;
    await stage.caughtUp();

    await stage.quiet();
    await stage.noteReports();
    await world.deleteTopic(world.topics.attempts);
    stage.load.goOn();
    await stage.pause(AWAY_MS, AWAY_MS);
    await world.restoreTopics();
    await stage.caughtUp();
    await stage.service('dispatcher').restart();
  },
};
