import { complaint, reconcile, type Ledger } from '../measure/ledger.js';
import { monotonicMs } from '../measure/monotonic.js';
import { summarize, type LatencySummary } from '../measure/percentiles.js';
import { latenciesMs } from '../measure/schedule.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { LOG_POLL_MS, terminal } from '../stack/log-database.js';
import { untilReached } from './until.js';

export interface StepLoad {
  readonly perSecond: number;
  readonly seconds: number;
  readonly types: readonly string[];
  readonly dataBytes: number;
}

export interface StepResult {
  readonly perSecond: number;
  readonly events: number;
  /** From the scheduled moment to the arrival, without the first second. Milliseconds. */
  readonly latency: LatencySummary;
  /** By how much the generator itself was late, at worst. Milliseconds. */
  readonly generatorLagMs: number;
  /** From the last arrival until the log had all as finished. Milliseconds. */
  readonly logBehindMs: number;
  readonly ledger: Ledger;
  readonly held: boolean;
  /** What voids the run; a rate that did not hold does not. */
  readonly problem: string | undefined;
}

const UNCOUNTED_SECONDS = 1;
const MAX_P99_MS = 500;
const MAX_LOG_BEHIND_MS = 3_000;
const MAX_GENERATOR_LAG_MS = 250;

/** One rate, kept for some seconds; returns when all has arrived and is in the log. */
export async function runStep(world: BenchWorld, load: StepLoad): Promise<StepResult> {
  const { progress, signal } = world;
  const { perSecond, seconds, types, dataBytes } = load;
  const events = Math.round(perSecond * seconds);
  return progress.during(`${perSecond} events/s for ${seconds} s`, async () => {
    const phase = await world.openPhase(events);
    const { startsAtMs, worstLagMs } = await world.generator.paced({ phase, events, dataBytes, types, perSecond });
    await untilReached(async () => (await world.receiver.tally(phase)).distinct, events, { signal });
    const logged = await untilReached(async () => terminal(await world.log.states()), world.expectedInLog, {
      signal,
      everyMs: LOG_POLL_MS,
    });
    const loggedAtMs = monotonicMs();

    const { lastAtMs } = await world.receiver.tally(phase);
    const { arrivals, counts } = await world.receiver.arrivals(phase);
    const schedule = { startsAtMs, perSecond, count: events };
    const latency = summarize(latenciesMs(schedule, arrivals, Math.round(perSecond * UNCOUNTED_SECONDS)));
    const ledger = reconcile(events, counts);
    const logBehindMs = loggedAtMs - lastAtMs;
    return {
      perSecond,
      events,
      latency,
      generatorLagMs: worstLagMs,
      logBehindMs,
      ledger,
      held: latency.p99 <= MAX_P99_MS && logBehindMs <= MAX_LOG_BEHIND_MS && worstLagMs <= MAX_GENERATOR_LAG_MS,
      problem:
        complaint(ledger) ??
        (logged < world.expectedInLog
          ? `the log knows ${logged} of ${world.expectedInLog} deliveries as finished`
          : undefined),
    };
  });
}
