import { unleash } from '../../faults/chaos.js';
import { EVERY_FAULT } from '../../faults/faults.js';
import { mustHold } from '../../faults/broken-promise.js';
import { Deployment } from '../../replica/deployment.js';
import { Simulation } from '../../simulation.js';
import { FailedRun, type Scenario, type ScenarioReport } from '../scenario.js';
import { checkOrder, LogJournal } from './log-journal.js';
import { type LogWorld, reader, writer } from './log-programs.js';

const TOPIC = 'records';
const CHAOS_MS = 15_000;
/** A rebalance after a silent death, and a second one on its heels. */
const SETTLE_MS = 60_000;
const STEP_MS = 500;

/** The log itself under every fault there is: what the engine is later to be tried on must not lie. */
export const logPromises: Scenario = {
  name: 'log-promises',
  run: async (seed) => {
    const simulation = new Simulation({ seed, maxFetchRecords: 20 });
    try {
      return await play(simulation);
    } catch (error) {
      throw new FailedRun('log-promises', seed, simulation.trace.lines(), error);
    }
  },
};

async function play(simulation: Simulation): Promise<ScenarioReport> {
  const { cluster, scheduler, random, trace } = simulation;
  cluster.createTopic({ name: TOPIC, partitions: 1 + random.below(5), replication: 1, config: {} });
  const journal = new LogJournal(TOPIC);
  cluster.observe({
    committed: (commit) => {
      simulation.check(() => {
        journal.wasCommitted(commit);
      });
    },
  });
  const world: LogWorld = { topic: TOPIC, journal, delivered: new Set(), writeUntilMs: CHAOS_MS };
  const readers = Array.from({ length: 1 + random.below(3) }, (_, i) => {
    return new Deployment(simulation, `reader-${i}`, reader(world, simulation));
  });
  const writers = [true, false].map((ordered, i) => new Deployment(simulation, `writer-${i}`, writer(world, ordered)));
  const deployments = [...readers, ...writers];
  for (const deployment of deployments) deployment.start();
  unleash({
    simulation,
    random: random.fork(),
    deployments,
    topics: [TOPIC],
    kinds: EVERY_FAULT,
    meanIntervalMs: random.between(300, 2_500),
    durationMs: CHAOS_MS,
  });

  await scheduler.runFor(CHAOS_MS);
  // A producer gives a record up after 5 s; until then it may still be acknowledged.
  await scheduler.runFor(6_000);
  for (let waitedMs = 0; journal.undelivered > 0 && waitedMs < SETTLE_MS; waitedMs += STEP_MS) {
    await scheduler.runFor(STEP_MS);
  }
  simulation.mustBeSound();
  mustHold(journal.undelivered === 0, () => `${journal.undelivered} acknowledged records were never delivered`);
  journal.checkLog(cluster);
  checkOrder(cluster, TOPIC);
  return {
    digest: trace.digest,
    virtualMs: Math.round(scheduler.elapsedMs),
    events: scheduler.eventsRun,
    counts: {
      acknowledged: journal.acknowledged,
      deliveries: journal.deliveries,
      starts: deployments.reduce((sum, { starts }) => sum + starts, 0),
    },
  };
}
