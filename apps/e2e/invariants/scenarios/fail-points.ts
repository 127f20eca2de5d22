import type { ServiceName } from '@hookstream/testing';
import type { Stage } from '../../support/stage.js';
import { castUsual, type Scenario } from './scenario.js';

/** Of each step, the last pass at which it may happen, from half of it on: behind the slow first moments of a fresh process. */
const STEPS: Readonly<Record<Exclude<ServiceName, 'config-api'>, Readonly<Record<string, number>>>> = {
  router: { 'batch-taken': 20, 'effect-acknowledged': 1_500, 'batch-routed': 20 },
  dispatcher: {
    'request-begins': 2_000,
    'response-received': 2_000,
    'follow-up-acknowledged': 20,
    'report-acknowledged': 2_000,
    'commit-begins': 20,
    committed: 20,
  },
  'retry-scheduler': { 'move-begins': 10, moved: 10, 'commit-begins': 10, committed: 10 },
  'audit-log': { 'write-begins': 20, written: 20 },
};

function failPointsOf(name: Exclude<ServiceName, 'config-api'>): Scenario {
  return {
    name: `fail-points-${name}`,
    title: `everything arrives while ${name} is killed at each of its steps`,
    events: 5_000,
    perSecond: 150,
    needs: 'test backends',
    play: async (stage) => {
      await castUsual(stage);
      stage.load.begin();
      for (const [step, latest] of Object.entries(STEPS[name])) {
        await stage.dieAt(name, `${name}.${step}`, Math.ceil(latest * (0.5 + stage.random() / 2)));
        await stage.pause(1_500, 500);
      }
    },
  };
}

/** A subscription is made while config-api dies at a step of it; what its rows hold must be delivered to. */
const failPointsOfConfigApi: Scenario = {
  name: 'fail-points-config-api',
  title: 'a subscription whose making was cut off by a kill of config-api is either whole or not there',
  events: 5_000,
  perSecond: 150,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    const cutOff: string[] = [];
    for (const step of ['rows-committed', 'publish-begins', 'published']) {
      cutOff.push(await subscribeWhileDying(stage, step));
    }
    const fromThenOn = stage.load.count;
    await stage.pause(3_000, 3_000);
    for (const name of cutOff) {
      const seen = stage.receiver(name).seen;
      if (seen === 0)
        throw new Error(`${name} was committed, yet gets nothing of what is produced from ${fromThenOn} on`);
    }
  },
};

async function subscribeWhileDying(stage: Stage, step: string): Promise<string> {
  const { api } = stage.world;
  const receiver = await stage.receive(step);
  const making = { name: step, eventTypes: ['load.0'], endpoint: { url: receiver.url } };
  await stage.dieAt('config-api', `config-api.${step}`, 1, async () => {
    await stage.service('config-api').ready();
    // Its answer never comes.
    await api.call('POST', '/v1/subscriptions', making).catch(() => undefined);
  });
  const { body } = await api.call<{ data: { id: string; name: string }[] }>('GET', '/v1/subscriptions?limit=200');
  const made = body.data.find(({ name }) => name === step);
  if (!made) throw new Error(`the rows of ${step} were committed, and are not there`);
  stage.expect({ subscription: made.id, receiver: step, every: 'routed', prompt: false, ends: ['delivered'] });
  return step;
}

export const failPoints: readonly Scenario[] = [
  failPointsOf('router'),
  failPointsOf('dispatcher'),
  failPointsOf('retry-scheduler'),
  failPointsOf('audit-log'),
  failPointsOfConfigApi,
];
