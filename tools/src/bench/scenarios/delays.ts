import { complaint, reconcile } from '../measure/ledger.js';
import { summarize, type LatencySummary } from '../measure/percentiles.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { untilReached } from './until.js';
import { warmUp } from './warm-up.js';

interface DelayResult {
  readonly delaySeconds: number;
  /**
   * After the retry was due, milliseconds. Counted from when the receiver refused, before the dispatcher knows: what is
   * measured is longer than what was. `count` is how many retries there were.
   */
  readonly lateness: LatencySummary;
  /** Retries that came before they were due: none. */
  readonly early: number;
  /** Retries later than the promise: 2 s, or 2 % of the delay. */
  readonly tooLate: number;
}

export interface DelaysResult {
  readonly delays: readonly DelayResult[];
  readonly problems: readonly string[];
}

/** In memory, one level, several levels with a rest in memory. */
const DELAYS_SECONDS = [3, 10, 20, 30, 45, 60, 120];
const EVENTS_PER_DELAY = 1_000;
/** Seldom enough that no breaker opens. */
const REFUSED_EVERY = 5;
const PER_SECOND = 700;
const WARM_UP_EVENTS = 5_000;
const DATA_BYTES = 1_024;
const PROMISED_LATE_MS = 2_000;
const PROMISED_LATE_SHARE = 0.02;
/** Longer than the longest delay, in which nothing comes. */
const STALL_MS = 140_000;

/** How exactly retries keep their time: a fifth of all events is refused once and comes again after its delay. */
export async function delays(world: BenchWorld): Promise<DelaysResult> {
  const { progress, signal, generator } = world;
  const refusing = await world.startReceiver();
  const typeOf = (seconds: number) => `bench.delay.${seconds}`;
  const types = DELAYS_SECONDS.map(typeOf);
  for (const seconds of DELAYS_SECONDS) {
    const retry = { schedule: [`${seconds}s`, '10m'], jitter: 0 };
    await world.subscribe(typeOf(seconds), `http://127.0.0.1:${refusing.port}/${seconds}`, { retry });
  }
  await world.subscribe('bench.warm');
  await warmUp(world, ['bench.warm'], DATA_BYTES, WARM_UP_EVENTS);

  await refusing.behave({ delayMs: 0, refusesEvery: REFUSED_EVERY });
  const events = EVENTS_PER_DELAY * DELAYS_SECONDS.length;
  const refused = Math.ceil(events / REFUSED_EVERY);
  const phase = await world.openPhase(events);
  await refusing.open(phase, events);
  const longest = Math.max(...DELAYS_SECONDS);
  await progress.during(`${refused} retries after up to ${longest} s`, async () => {
    await generator.paced({ phase, events, dataBytes: DATA_BYTES, types, perSecond: PER_SECOND });
    const received = async () => (await refusing.tally(phase)).received;
    await untilReached(received, events + refused, { signal, everyMs: 500, stallMs: STALL_MS });
  });

  const { arrivals, latest, counts } = await refusing.arrivals(phase);
  const latenessOf = (seconds: number, index: number) =>
    latest.map((atMs, n) =>
      n % REFUSED_EVERY === 0 && n % types.length === index && counts[n] === 2
        ? atMs - (arrivals[n] ?? NaN) - seconds * 1_000
        : NaN,
    );
  return {
    delays: DELAYS_SECONDS.map((seconds, index) => {
      const lateness = latenessOf(seconds, index).filter((ms) => !Number.isNaN(ms));
      const promisedMs = Math.max(PROMISED_LATE_MS, seconds * 1_000 * PROMISED_LATE_SHARE);
      return {
        delaySeconds: seconds,
        lateness: summarize(lateness),
        early: lateness.filter((ms) => ms < 0).length,
        tooLate: lateness.filter((ms) => ms > promisedMs).length,
      };
    }),
    problems: [...[complaint(reconcile(events, counts)) ?? []].flat()],
  };
}
