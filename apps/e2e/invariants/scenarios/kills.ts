import { SERVICE_NAMES, type ServiceName } from '@hookstream/testing';
import { castUsual, type Scenario } from './scenario.js';

const ROUNDS = 2;

export const killsOfEach: Scenario = {
  name: 'kills',
  title: 'everything arrives while each service is killed in turn, at random moments',
  events: 10_000,
  perSecond: 100,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of shuffled(SERVICE_NAMES, stage.random)) {
        await stage.pause(3_000, 500);
        await stage.kill(name);
      }
    }
  },
};

export const aKillOfTheHotPath: Scenario = {
  name: 'short-kills',
  title: 'everything arrives while dispatcher, router and retry-scheduler are killed, two of them between two effects',
  events: 1_500,
  perSecond: 100,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    stage.load.begin();
    await stage.pause(1_500, 500);
    await stage.kill('dispatcher');
    await stage.dieAt('router', 'router.effect-acknowledged', 1 + Math.floor(stage.random() * 200));
    await stage.dieAt('retry-scheduler', 'retry-scheduler.moved', 1 + Math.floor(stage.random() * 3));
  },
};

function shuffled(names: readonly ServiceName[], random: () => number): ServiceName[] {
  return names
    .map((name) => ({ name, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ name }) => name);
}
