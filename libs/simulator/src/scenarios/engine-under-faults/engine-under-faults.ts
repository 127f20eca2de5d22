import { encodeConfigDocument, topicNames, type OutgoingRecord } from '@hookstream/contracts';
import { type ProducedRecord } from '../../broker/partition-log.js';
import { mustHold } from '../../faults/broken-promise.js';
import { unleash } from '../../faults/chaos.js';
import { EVERY_FAULT, type FaultKind } from '../../faults/faults.js';
import { Deployment } from '../../replica/deployment.js';
import { Simulation } from '../../simulation.js';
import { FailedRun, type Scenario, type ScenarioReport } from '../scenario.js';
import { configProcess } from './config-process.js';
import { DeliveryLedger } from './delivery-ledger.js';
import { deliverySource } from './delivery-source.js';
import { delayProcess } from './delay-process.js';
import { dispatchProcess } from './dispatch-process.js';
import { waysOf, type EngineWorld } from './engine-world.js';
import { OrderPolicies } from './order-policies.js';
import { OwnershipWatch } from './ownership-watch.js';
import { Receivers, temperOf } from './receivers.js';
import { someSubscription } from './subscriptions.js';

const DURATION_MS = 8_000;
/** A breaker may open for several minutes before its next probe. */
const SETTLE_MS = 3_600_000;
const STEP_MS = 500;
/** A producer's last acknowledgements come up to its delivery timeout after its last record. */
const LAST_ACKS_MS = 6_000;

/** The real dispatcher in two or three processes: nothing is lost, and only what was under way at a change of owner is repeated. */
export const engineUnderFaults: Scenario = engineScenario('engine-under-faults', {
  kinds: EVERY_FAULT,
  workers: undefined,
  repeats: 'by-new-owners',
});

/** A process that is restarted in good order, again and again, repeats nothing at all. */
export const engineRolling: Scenario = engineScenario('engine-rolling', {
  kinds: ['terminate'],
  workers: 1,
  repeats: 'none',
});

/** Processes that come, go and change places in good order: what was under way is all that may be repeated. */
export const engineRebalancing: Scenario = engineScenario('engine-rebalancing', {
  kinds: ['terminate', 'rebalance-storm'],
  workers: 3,
  repeats: 'by-new-owners',
});

/** Processes that are stopped again and again, many for longer than their session: at their wake they begin nothing that others own. */
export const engineFrozen: Scenario = engineScenario('engine-frozen', {
  kinds: ['freeze', 'freeze', 'freeze', 'kill'],
  workers: 3,
  repeats: 'by-new-owners',
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
  const topics = topicNames('');
  const partitions = 1 + random.below(6);
  for (const name of waysOf(topics).all) cluster.createTopic({ name, partitions, replication: 1, config: {} });
  cluster.createTopic({ name: topics.config, partitions: 1, replication: 1, config: {} });
  const ledger = new DeliveryLedger();
  const subscriptions = Array.from({ length: 2 + random.below(12) }, (_, index) => someSubscription(index, random));
  const configured = subscriptions.map((document) => produced(encodeConfigDocument(topics.config, document)));
  cluster.partition({ topic: topics.config, partition: 0 }).append(configured);
  const tempers = new Map(subscriptions.map(({ id }) => [id, temperOf(random, DURATION_MS)]));
  const ownership = new OwnershipWatch(() => scheduler.elapsedMs);
  const waiting = new Set(waysOf(topics).waiting);
  cluster.observe({
    assigned: (plan) => {
      ownership.planned(plan);
    },
    sent: ({ client, parts }) => {
      const continued = parts.filter(({ topic }) => waiting.has(topic));
      simulation.check(() => {
        for (const { partition } of continued) ownership.continues(client, { topic: topics.deliveries, partition });
      });
    },
  });
  const receivers = new Receivers(scheduler, random.fork(), tempers, ledger);
  return {
    simulation,
    topics,
    partitions,
    ledger,
    receivers,
    ownership,
    policies: new OrderPolicies(subscriptions),
    subscriptions,
    endpointStates: new Map(),
    schedulerAheadMs: random.pick([0, 50, 400]),
    produceUntilMs: DURATION_MS,
  };
}

function produced({ key, value, headers }: OutgoingRecord): ProducedRecord {
  const entries = Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(text)] as const);
  return { timestamp: 0, key: key === null ? null : Buffer.from(key), value, headers: Object.fromEntries(entries) };
}

async function play(simulation: Simulation, { kinds, workers: count, repeats }: EngineTrial): Promise<ScenarioReport> {
  const { cluster, scheduler, random, trace } = simulation;
  const world = build(simulation);
  const { ledger, ownership, topics } = world;
  const source = new Deployment(simulation, 'source', deliverySource(world));
  const delays = new Deployment(simulation, 'delays', delayProcess(world));
  const workers = Array.from(
    { length: count ?? 2 + random.below(2) },
    (_, i) => new Deployment(simulation, `worker-${i}`, dispatchProcess(world)),
  );
  const config = new Deployment(simulation, 'config', configProcess(world));
  for (const deployment of [source, config, delays, ...workers]) deployment.start();
  const meanIntervalMs = random.between(300, 2_500);
  const targets = { simulation, random: random.fork(), deployments: [...workers, delays], topics: [topics.deliveries] };
  unleash({ ...targets, kinds, meanIntervalMs, durationMs: DURATION_MS });

  await scheduler.runFor(DURATION_MS + LAST_ACKS_MS);
  let open = ledger.unfinished(cluster, topics);
  for (let waitedMs = 0; open.length > 0 && waitedMs < SETTLE_MS; waitedMs += STEP_MS) {
    await scheduler.runFor(STEP_MS);
    open = ledger.unfinished(cluster, topics);
  }
  simulation.mustBeSound();
  mustHold(open.length === 0, () => `${open.length} of ${ledger.produced} have no end: ${open.slice(0, 5).join(' ')}`);
  ledger.check(cluster, topics);
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
      pauses: world.policies.pauses,
    },
  };
}
