import { castUsual, type Scenario } from './scenario.js';

const DEAD_MS = 20_000;
const FLAP_MS = 4_000;
const FLAPS = 4;

/** Beside a steady one: an endpoint that is down for a while, one that takes seconds, one that comes and goes, one that refuses. */
export const sickEndpoints: Scenario = {
  name: 'endpoints',
  title: 'endpoints that are dead, slow or flapping get everything in the end, and one that refuses gets its end',
  events: 10_000,
  perSecond: 200,
  needs: 'test backends',
  play: async (stage) => {
    await castUsual(stage);
    let isUp = true;
    await stage.cast({ receiver: 'dead', every: 10 });
    await stage.cast({ receiver: 'slow', every: 10, answer: () => ({ status: 200, delayMs: 500 }) });
    await stage.cast({ receiver: 'flapping', every: 10, answer: () => ({ status: isUp ? 200 : 503 }) });
    await stage.cast({
      receiver: 'refusing',
      every: 10,
      answer: ({ n }) => ({ status: n % 20 === 0 ? 422 : 200 }),
      settings: { retry: { schedule: ['1s'], nonRetryableStatuses: ['4xx'] } },
      ends: ['delivered', 'exhausted'],
    });
    await stage.receiver('dead').down();
    stage.load.begin();
    for (let flap = 0; flap < FLAPS; flap += 1) {
      await stage.pause(FLAP_MS, FLAP_MS);
      isUp = !isUp;
    }
    isUp = true;
    await stage.pause(DEAD_MS - FLAPS * FLAP_MS, DEAD_MS - FLAPS * FLAP_MS);
    await stage.receiver('dead').up();
    await stage.kill('dispatcher');
  },
};
