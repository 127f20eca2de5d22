import type { Books } from '../../support/books/books.js';
import type { Stage } from '../../support/stage.js';
import { castUsual, type OwnBackends, type Scenario } from './scenario.js';

const BROKER_KILLS = 2;
const DATABASE_AWAY_MS = 30_000;
/** Deliveries have to go on without the database at least at this share of their pace. */
const UNDISTURBED = 0.8;

export const brokerKills: Scenario = {
  name: 'broker-kill',
  title: 'a broker that is killed and comes back loses nothing, and no service has to be restarted',
  events: 8_000,
  perSecond: 200,
  needs: 'own backends',
  play: async (stage, backends) => {
    await castUsual(stage);
    stage.load.begin();
    const { kafka } = given(backends);
    for (let kill = 0; kill < BROKER_KILLS; kill += 1) {
      await stage.pause(6_000, 3_000);
      const atMs = Date.now();
      await (kill % 2 === 0 ? kafka.kill() : kafka.stop());
      await stage.pause(5_000);
      await kafka.start();
      stage.fault({
        what: kill % 2 === 0 ? 'kill' : 'restart',
        service: 'broker',
        atMs,
        againAtMs: Date.now(),
        cutsRequests: true,
      });
      await allReady(stage);
    }
  },
};

export const databaseAway: Scenario = {
  name: 'database-down',
  title: 'a database that is away delays no delivery, and the log is whole when it is back',
  events: 8_000,
  perSecond: 200,
  needs: 'own backends',
  play: async (stage, backends) => {
    await castUsual(stage);
    stage.load.begin();
    const { postgres } = given(backends);
    await stage.pause(3_000, 2_000);
    const atMs = Date.now();
    await postgres.kill();
    await stage.pause(DATABASE_AWAY_MS, DATABASE_AWAY_MS);
    await postgres.start();
    stage.fault({ what: 'away', service: 'database', atMs, againAtMs: Date.now() });
    await allReady(stage);
  },
  problems: ({ faults, produced, arrivals }: Books) =>
    faults.flatMap(({ atMs, againAtMs = 0 }) => {
      const meanwhile = (at: { readonly atMs: number }) => at.atMs > atMs && at.atMs < againAtMs;
      const made = produced.filter(meanwhile).length;
      const delivered = arrivals.filter((arrival) => arrival.receiver === 'steady' && meanwhile(arrival)).length;
      return delivered >= UNDISTURBED * made ? [] : [`without the database ${delivered} of ${made} were delivered`];
    }),
};

async function allReady(stage: Stage): Promise<void> {
  await Promise.all(stage.world.stack.all.map((handle) => handle.ready()));
}

function given(backends: OwnBackends | undefined): OwnBackends {
  if (!backends) throw new Error('this scenario needs backends of its own');
  return backends;
}
