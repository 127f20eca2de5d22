import { type FaultKind, type FaultTargets, inject } from './faults.js';

export interface ChaosOptions extends FaultTargets {
  readonly kinds: readonly FaultKind[];
  /** Between two faults, on average; they may overlap. Milliseconds. */
  readonly meanIntervalMs: number;
  readonly durationMs: number;
}

/** Faults at random for a time, beginning now. After it whatever lasts ends, and every process runs. */
export function unleash(options: ChaosOptions): void {
  const { simulation, random, kinds, meanIntervalMs, durationMs } = options;
  const { scheduler } = simulation;
  const endMs = scheduler.elapsedMs + durationMs;
  const next = () => {
    scheduler.after(random.exponential(meanIntervalMs), () => {
      if (scheduler.elapsedMs >= endMs) return;
      const kind = kinds[random.below(kinds.length)];
      if (kind !== undefined) {
        simulation.trace.add(`fault ${kind}`);
        inject[kind](options);
      }
      next();
    });
  };
  next();
  scheduler.after(durationMs, () => {
    calm(options);
  });
}

function calm({ simulation, deployments }: FaultTargets): void {
  const { network, cluster, trace } = simulation;
  trace.add('calm');
  network.ackSlowness = 1;
  network.answerLoss = 0;
  if (network.state !== 'up') network.recover();
  for (const group of cluster.groups()) group.comeBack();
  for (const deployment of deployments) {
    deployment.replica?.thaw();
    deployment.start();
  }
}
