import { mustHold } from '../../faults/broken-promise.js';
import { unleash } from '../../faults/chaos.js';
import { type FaultKind } from '../../faults/faults.js';
import { Deployment } from '../../replica/deployment.js';
import { Simulation } from '../../simulation.js';
import { FailedRun, type Scenario, type ScenarioReport } from '../scenario.js';
import { DeliveryLedger } from './delivery-ledger.js';
import { deliverySource } from './delivery-source.js';
import { Endpoints, temperOf } from './endpoints.js';
import { type EngineWorld } from './engine-world.js';
import { OwnershipWatch } from './ownership-watch.js';
import { ATTEMPTS, DELIVERIES } from './work-record.js';
import { worker } from './worker.js';

const DURATION_MS = 12_000;
const SETTLE_MS = 120_000;
const STEP_MS = 500;
/** A producer's last acknowledgements come up to its delivery timeout after its last record. */
const LAST_ACKS_MS = 6_000;

const ALL_FAULTS: readonly FaultKind[] = [
  'kill',
  'kill',
  'terminate',
  'freeze',
  'outage',
  'silence',
  'slow-acks',
  'lost-answers',
  'coordinator-move',
  'rebalance-storm',
  'holes',
];

/** The real tracker, intake and lanes in two or three processes: nothing is lost, and only a change of owner repeats anything. */
export const engineUnderFaults: Scenario = engineScenario('engine-under-faults', {
  kinds: ALL_FAULTS,
  workers: undefined,
  repeats: 'by-new-owners',
});

/** A process that is restarted in good order, again and again, repeats nothing at all. */
export const engineRolling: Scenario = engineScenario('engine-rolling', {
  kinds: ['terminate'],
  workers: 1,
  repeats: 'none',
});

interface EngineTrial {
  readonly kinds: readonly FaultKind[];
  readonly workers: number | undefined;
  readonly repeats: 'none' | 'by-new-owners';
}

function engineScenario(name: string, trial: EngineTrial): Scenario {
  return {
    name,
    run: async (seed) => {
      const simulation = new Simulation({ seed, maxFetchRecords: 30 });
      try {
        return await play(simulation, trial);
      } catch (error) {
        throw new FailedRun(name, seed, simulation.trace.lines(), error);
      }
    },
  };
}

function build(simulation: Simulation): EngineWorld {
  const { cluster, scheduler, random } = simulation;
  const partitions = 1 + random.below(6);
  for (const name of [DELIVERIES, ATTEMPTS]) cluster.createTopic({ name, partitions, replication: 1, config: {} });
  const ledger = new DeliveryLedger();
  const subscriptions = 2 + random.below(12);
  const tempers = Array.from({ length: subscriptions }, () => temperOf(random, DURATION_MS));
  const ownership = new OwnershipWatch(() => scheduler.elapsedMs);
  cluster.observe({
    assigned: (plan) => {
      ownership.planned(plan);
    },
  });
  const endpoints = new Endpoints(scheduler, random.fork(), tempers, ledger);
  return { simulation, ledger, endpoints, ownership, subscriptions, produceUntilMs: DURATION_MS };
}

async function play(simulation: Simulation, { kinds, workers: count, repeats }: EngineTrial): Promise<ScenarioReport> {
  const { cluster, scheduler, random, trace } = simulation;
  const world = build(simulation);
  const { ledger, ownership } = world;
  const source = new Deployment(simulation, 'source', deliverySource(world));
  const workers = Array.from(
    { length: count ?? 2 + random.below(2) },
    (_, i) => new Deployment(simulation, `worker-${i}`, worker(world)),
  );
  for (const deployment of [source, ...workers]) deployment.start();
  const meanIntervalMs = random.between(400, 4_000);
  const targets = { simulation, random: random.fork(), deployments: workers, topics: [DELIVERIES] };
  unleash({ ...targets, kinds, meanIntervalMs, durationMs: DURATION_MS });

  await scheduler.runFor(DURATION_MS + LAST_ACKS_MS);
  let open = ledger.unfinished(cluster);
  for (let waitedMs = 0; open.length > 0 && waitedMs < SETTLE_MS; waitedMs += STEP_MS) {
    await scheduler.runFor(STEP_MS);
    open = ledger.unfinished(cluster);
  }
  simulation.mustBeSound();
  mustHold(open.length === 0, () => `${open.length} of ${ledger.produced} have no end: ${open.slice(0, 5).join(' ')}`);
  ledger.check(cluster);
  if (repeats === 'none') {
    mustHold(ledger.duplicates === 0, () => `${ledger.duplicates} repeats although nothing was killed`);
  }
  return {
    digest: trace.digest,
    virtualMs: Math.round(scheduler.elapsedMs),
    events: scheduler.eventsRun,
    counts: {
      produced: ledger.produced,
      requests: ledger.requests,
      duplicates: ledger.duplicates,
      takeovers: ownership.takeovers,
    },
  };
}
