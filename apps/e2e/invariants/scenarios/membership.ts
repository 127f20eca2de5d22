import { eventually, type ServiceHandle, type ServiceName } from '@hookstream/testing';
import { begunAtWake } from '../../support/books/taken-over.js';
import { castUsual, type Scenario } from './scenario.js';

const HOT_PATH: readonly ServiceName[] = ['router', 'dispatcher', 'retry-scheduler'];
const FROZEN_MS = 12_000;
const STORM_MS = 50_000;

/** Longer than the session: its partitions go to the other instance, and it must notice before it begins anything. */
export const zombies: Scenario = {
  name: 'zombies',
  title: 'a dispatcher that was frozen begins nothing that another instance has taken over',
  events: 10_000,
  perSecond: 200,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    const twins = await stage.world.twins(['dispatcher']);
    for (const handle of [stage.service('dispatcher'), twins.service('dispatcher'), stage.service('dispatcher')]) {
      await stage.pause(3_000, 1_500);
      const atMs = Date.now();
      await handle.kill('SIGSTOP');
      await stage.pause(FROZEN_MS + 3_000, FROZEN_MS);
      await handle.kill('SIGCONT');
      stage.fault({ what: 'freeze', service: 'dispatcher', atMs, againAtMs: Date.now(), cutsRequests: true });
      await handle.ready();
    }
  },
  problems: begunAtWake,
};

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  title: 'restarting every service under load duplicates nothing',
  events: 8_000,
  perSecond: 200,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    const twins = await stage.world.twins(HOT_PATH);
    for (const handle of [...stage.world.stack.all, ...twins.all]) {
      await stage.pause(1_500, 500);
      const atMs = Date.now();
      await handle.stop();
      const againAtMs = Date.now();
      await handle.start();
      await handle.ready();
      stage.fault({ what: 'restart', service: handle.name, atMs, againAtMs });
    }
  },
};

export const shortRollingRestart: Scenario = {
  name: 'short-rolling-restart',
  title: 'restarting the hot path under load duplicates nothing',
  events: 1_000,
  perSecond: 150,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    for (const name of HOT_PATH) {
      const atMs = Date.now();
      await stage.service(name).restart();
      stage.fault({ what: 'restart', service: name, atMs });
    }
  },
};

export const joinAndLeave: Scenario = {
  name: 'short-join-and-leave',
  title:
    'a second instance of the hot path that joins and leaves under load duplicates nothing, and nothing gets stuck',
  events: 1_500,
  perSecond: 150,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    const twins = await stage.world.twins(HOT_PATH);
    await stage.pause(2_500, 1_500);
    for (const handle of twins.all) {
      const atMs = Date.now();
      await handle.stop();
      stage.fault({ what: 'leave', service: handle.name, atMs });
    }
    await stage.caughtUp();
  },
};

const BURST = 1_250;
const BURST_RECEIVERS = ['one', 'two', 'three', 'four'];
/** Longer than any answer of the receivers takes, and than any join. */
const LEAVES_WITHIN_MS = 10_000;

export const leaveInABurst: Scenario = {
  name: 'short-leave-in-a-burst',
  title:
    'a dispatcher that is stopped with 5,000 deliveries under way ends in time, and its successor does the others, each once',
  events: BURST,
  perSecond: 2_500,
  needs: 'test backends',
  play: async (stage) => {
    const answer = () => ({ status: 200, delayMs: 100 + stage.random() * 200 });
    for (const receiver of BURST_RECEIVERS)
      await stage.cast({ receiver, every: 1, answer, settings: { rateLimit: { concurrency: 100 } } });
    stage.load.begin();
    const dispatcher = stage.service('dispatcher');
    const seen = () => BURST_RECEIVERS.reduce((sum, name) => sum + stage.receiver(name).seen, 0);
    await eventually(() => {
      if (stage.load.count < BURST || seen() === 0) throw new Error('it has hardly begun');
    });
    stage.load.hold();
    const atMs = Date.now();
    const exit = await dispatcher.stop();
    const tookMs = Date.now() - atMs;
    stage.fault({ what: 'leave', service: 'dispatcher', atMs });
    if (exit?.code !== 0) throw new Error(`the dispatcher ended by ${JSON.stringify(exit)}`);
    if (tookMs > LEAVES_WITHIN_MS) throw new Error(`the dispatcher took ${tookMs} ms to end`);
    if (seen() > (BURST * BURST_RECEIVERS.length) / 2)
      throw new Error(`too little was left to do: ${seen()} were received`);
    await dispatcher.start();
    await dispatcher.ready();
    stage.load.goOn();
  },
};

export const rebalanceStorm: Scenario = {
  name: 'rebalance-storm',
  title: 'instances that join and leave every few seconds lose and duplicate nothing',
  events: 10_000,
  perSecond: 200,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    const twins = await stage.world.twins(HOT_PATH);
    const until = Date.now() + STORM_MS;
    const comeAndGo = async (handle: ServiceHandle) => {
      while (Date.now() < until) {
        await stage.pause(4_000, 1_000);
        const atMs = Date.now();
        await (handle.pid === undefined ? handle.start() : handle.stop());
        stage.fault({ what: handle.pid === undefined ? 'leave' : 'join', service: handle.name, atMs });
      }
      await handle.start();
      await handle.ready();
    };
    await Promise.all(twins.all.map(comeAndGo));
  },
};
