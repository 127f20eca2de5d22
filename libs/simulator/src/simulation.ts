import { type RecordLog } from '@hookstream/kafka';
import { Cluster, type ClusterOptions } from './broker/cluster.js';
import { SimulatedLog } from './client/simulated-log.js';
import { Scheduler } from './clock/scheduler.js';
import { SeededRandom } from './clock/seeded-random.js';
import { Trace } from './clock/trace.js';
import { Network, type NetworkOptions } from './network/network.js';
import { Replica } from './replica/replica.js';

export interface SimulationOptions extends ClusterOptions {
  /** A whole number: the same seed makes the same run. */
  readonly seed: number;
  readonly network?: NetworkOptions;
}

/** A world of its own: time, chance, brokers, and the replicas that talk to them. */
export class Simulation {
  readonly scheduler = new Scheduler();
  readonly trace = new Trace(() => this.scheduler.elapsedMs);
  readonly random: SeededRandom;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly #defects: unknown[] = [];

  constructor(options: SimulationOptions) {
    this.random = new SeededRandom(options.seed);
    this.network = new Network(this.scheduler, this.random.fork(), this.trace, options.network);
    this.cluster = new Cluster(this.scheduler, this.random.fork(), this.trace, options);
  }

  /** What a program has thrown that nobody expects: the run proves nothing. */
  reportDefect(error: unknown): void {
    this.trace.add(`defect ${error instanceof Error ? error.message : String(error)}`);
    this.#defects.push(error);
  }

  /** Runs a check whose throw must not get into what is being checked. */
  check(promise: () => void): void {
    try {
      promise();
    } catch (error) {
      this.reportDefect(error);
    }
  }

  /** @throws the first defect, if there was one */
  mustBeSound(): void {
    if (this.#defects.length > 0) throw this.#defects[0];
  }

  /** A process that has just started. */
  replica(name: string): Replica {
    return new Replica(name, this.scheduler, this.random.fork());
  }

  /** What a replica uses as its log. */
  log(replica: Replica): RecordLog {
    return new SimulatedLog({ replica, network: this.network, cluster: this.cluster });
  }
}
