import { reconcile, type Ledger } from '../measure/ledger.js';
import { summarize, type LatencySummary } from '../measure/percentiles.js';
import { latenciesMs } from '../measure/schedule.js';
import type { Receiver } from '../children/receiver.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { untilReached } from './until.js';

export interface MixedLoad {
  /** Of all events. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Event n has type `pattern[n % pattern.length]`. */
  readonly pattern: readonly string[];
  /** Those whose events are measured; what becomes of the others is not waited for. */
  readonly healthy: ReadonlySet<string>;
  readonly dataBytes: number;
  /** Where the events of the others go. */
  readonly sick: Receiver;
}

export interface MixedStepResult {
  readonly phase: number;
  readonly events: number;
  readonly healthyEvents: number;
  /** Of the healthy ones, from the scheduled moment to the arrival, without the first second. Milliseconds. */
  readonly latenciesMs: Float64Array;
  readonly latency: LatencySummary;
  readonly generatorLagMs: number;
  /** Of the healthy ones. */
  readonly ledger: Ledger;
}

const UNCOUNTED_SECONDS = 1;

/** Traffic to healthy and sick endpoints at a steady pace; returns when all of the healthy ones' has arrived. */
export async function runMixedStep(world: BenchWorld, load: MixedLoad): Promise<MixedStepResult> {
  const { perSecond, seconds, pattern, healthy, dataBytes, sick } = load;
  const { signal } = world;
  const events = Math.round(perSecond * seconds);
  const isHealthy = (n: number) => healthy.has(pattern[n % pattern.length] ?? '');
  const healthyEvents = Array.from({ length: events }, (_, n) => n).filter(isHealthy).length;

  const phase = await world.openPhase(events);
  await sick.open(phase, events);
  const { startsAtMs, worstLagMs } = await world.generator.paced({
    phase,
    events,
    dataBytes,
    types: pattern,
    perSecond,
  });
  await untilReached(async () => (await world.receiver.tally(phase)).distinct, healthyEvents, { signal });

  const { arrivals, counts } = await world.receiver.arrivals(phase);
  const schedule = { startsAtMs, perSecond, count: events };
  const latencies = latenciesMs(schedule, arrivals, Math.round(perSecond * UNCOUNTED_SECONDS));
  return {
    phase,
    events,
    healthyEvents,
    latenciesMs: latencies,
    latency: summarize(latencies),
    generatorLagMs: worstLagMs,
    ledger: reconcile(events, counts, isHealthy),
  };
}
