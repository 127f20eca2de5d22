import { setTimeout as delay } from 'node:timers/promises';
import { foreignShare, usedBetween, type CpuSeconds } from '../measure/process-meter.js';
import { toggleProfiles } from '../profile/profiler.js';
import type { BenchOptions } from '../options.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { runStep, type StepResult } from './paced-step.js';
import { highestHeld } from './search-rate.js';
import { warmUp } from './warm-up.js';

export interface ThroughputResult {
  readonly subscriptions: number;
  /** Processor seconds per second while nothing is to be done. */
  readonly idleCpu: CpuSeconds;
  readonly steps: readonly StepResult[];
  /** The highest rate at which latency stayed within its bound and the log kept up. 0 when not even the first did; undefined when not asked. */
  readonly sustainedPerSecond: number | undefined;
  /** At half of that, or at the rate that was asked for. */
  readonly steady: StepResult | undefined;
  readonly steadyCpu: CpuSeconds;
  /** Of the machine, meanwhile: what went to anything but the measured processes. */
  readonly foreignShare: number;
  readonly memoryBytes: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

const RATES = { first: 500, lowest: 50, highest: 20_000 };
const STEADY_SECONDS = 20;
const IDLE_SECONDS = 5;
const WARM_UP_EVENTS = 10_000;

/** How much the whole path takes at a steady pace, and what it costs and how long it takes at half of that. */
export async function throughput(world: BenchWorld, options: BenchOptions): Promise<ThroughputResult> {
  const { dataBytes, subscriptions, stepSeconds, profiled } = options;
  const types = Array.from({ length: subscriptions }, (_, n) => `bench.live.${n}`);
  for (const type of types) await world.subscribe(type);
  await warmUp(world, types, dataBytes, WARM_UP_EVENTS);
  const idleCpu = await measureIdle(world);

  const steps: StepResult[] = [];
  const step = async (perSecond: number, seconds: number): Promise<StepResult> => {
    const result = await runStep(world, { perSecond, seconds, types, dataBytes });
    steps.push(result);
    return result;
  };
  const search = () => highestHeld(RATES, async (rate) => (await step(rate, stepSeconds)).held);
  const sustained = options.perSecond === undefined ? await search() : undefined;
  const rate = options.perSecond ?? Math.round((sustained ?? 0) / 2);

  await toggleProfiles(world.services, profiled);
  const before = world.meter.read();
  const steady = rate > 0 ? await step(rate, Math.max(stepSeconds, STEADY_SECONDS)) : undefined;
  const after = world.meter.read();
  await toggleProfiles(world.services, profiled);
  return {
    subscriptions,
    idleCpu,
    steps,
    sustainedPerSecond: sustained,
    steady,
    steadyCpu: usedBetween(before, after),
    foreignShare: foreignShare(before, after),
    memoryBytes: world.meter.memory(),
    problems: steps.flatMap(({ problem }) => problem ?? []),
  };
}

async function measureIdle({ progress, meter, signal }: BenchWorld): Promise<CpuSeconds> {
  return progress.during(`Doing nothing for ${IDLE_SECONDS} s`, async () => {
    const before = meter.read();
    await delay(IDLE_SECONDS * 1_000, undefined, { signal });
    const used = Object.entries(usedBetween(before, meter.read()));
    return Object.fromEntries(used.map(([name, seconds]) => [name, seconds / IDLE_SECONDS]));
  });
}
