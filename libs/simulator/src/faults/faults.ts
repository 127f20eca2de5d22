import { type SeededRandom } from '../clock/seeded-random.js';
import { type Deployment } from '../replica/deployment.js';
import { type Simulation } from '../simulation.js';

export type FaultKind =
  /** SIGKILL of a process, and a restart. */
  | 'kill'
  /** SIGTERM of a process, and a restart. */
  | 'terminate'
  /** SIGSTOP of a process, and SIGCONT. */
  | 'freeze'
  /** The brokers are gone: connections break. */
  | 'outage'
  /** The brokers do not answer, and then do. */
  | 'silence'
  /** Acknowledgements take long. */
  | 'slow-acks'
  /** Answers to what was done are lost. */
  | 'lost-answers'
  /** The groups' coordinator goes to another broker. */
  | 'coordinator-move'
  /** Every group rebalances, several times in a row. */
  | 'rebalance-storm'
  /** Offsets without records. */
  | 'holes';

/** Each of them; kills are the most frequent. */
export const EVERY_FAULT: readonly FaultKind[] = [
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

export interface FaultTargets {
  readonly simulation: Simulation;
  readonly random: SeededRandom;
  readonly deployments: readonly Deployment[];
  /** Topics in which offsets may be left without records. */
  readonly topics: readonly string[];
}

/** How each fault is done. All end by themselves, within 15 s of virtual time. */
export const inject: Readonly<Record<FaultKind, (targets: FaultTargets) => void>> = {
  kill: ({ random, deployments }) => {
    anyOf(deployments, random)?.kill(random.between(50, 4_000));
  },
  terminate: ({ random, deployments }) => {
    anyOf(deployments, random)?.terminate(random.between(50, 2_000));
  },
  freeze: ({ random, deployments }) => {
    anyOf(deployments, random)?.freeze(random.between(100, 12_000));
  },
  outage: ({ simulation, random }) => {
    if (simulation.network.state === 'up') simulation.network.refuse();
    recoverAfter(simulation, random.between(50, 8_000));
  },
  silence: ({ simulation, random }) => {
    if (simulation.network.state === 'up') simulation.network.fallSilent();
    recoverAfter(simulation, random.between(50, 8_000));
  },
  'slow-acks': ({ simulation, random }) => {
    simulation.network.ackSlowness = random.between(10, 500);
    simulation.scheduler.after(random.between(100, 5_000), () => {
      simulation.network.ackSlowness = 1;
    });
  },
  'lost-answers': ({ simulation, random }) => {
    simulation.network.answerLoss = random.between(0.05, 0.6);
    simulation.scheduler.after(random.between(100, 5_000), () => {
      simulation.network.answerLoss = 0;
    });
  },
  'coordinator-move': ({ simulation, random }) => {
    const groups = simulation.cluster.groups();
    for (const group of groups) group.goAway();
    simulation.scheduler.after(random.between(10, 3_000), () => {
      for (const group of groups) group.comeBack();
    });
  },
  'rebalance-storm': ({ simulation, random }) => {
    const times = 1 + random.below(5);
    for (let i = 0; i < times; i += 1) {
      simulation.scheduler.after(random.between(0, 3_000), () => {
        for (const group of simulation.cluster.groups()) group.rebalance('a storm');
      });
    }
  },
  holes: ({ simulation, random, topics }) => {
    const logs = topics.flatMap((topic) => simulation.cluster.topic(topic)?.partitions ?? []);
    anyOf(logs, random)?.leaveHole(1 + random.below(3));
  },
};

function anyOf<T>(from: readonly T[], random: SeededRandom): T | undefined {
  return from[random.below(from.length)];
}

function recoverAfter({ scheduler, network }: Simulation, delayMs: number): void {
  scheduler.after(delayMs, () => {
    network.recover();
  });
}
