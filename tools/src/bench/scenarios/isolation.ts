import { freePort } from '@hookstream/testing';
import type { Receiver } from '../children/receiver.js';
import { complaint } from '../measure/ledger.js';
import { usualP99 } from '../measure/median.js';
import { monotonicMs } from '../measure/monotonic.js';
import { summarize, type LatencySummary } from '../measure/percentiles.js';
import { trafficPattern } from '../measure/traffic-mix.js';
import type { BenchOptions } from '../options.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { known } from '../stack/log-database.js';
import { act } from '../stack/subscribe.js';
import { runMixedStep, type MixedStepResult } from './mixed-step.js';
import { runStep } from './paced-step.js';
import { highestHeld } from './search-rate.js';
import { untilReached } from './until.js';
import { warmUp } from './warm-up.js';

/** One situation of the healthy endpoints. */
export interface Situation {
  readonly latency: LatencySummary;
  /** See `usualP99`, of parts of `PART_SECONDS`. */
  readonly usualP99: number;
  /** To healthy endpoints, events per second. */
  readonly healthyPerSecond: number;
  readonly missing: number;
  readonly duplicates: number;
}

export interface IsolationResult {
  readonly healthyEndpoints: number;
  readonly sustainedPerSecond: number | undefined;
  /** Twice the same: how far two equal measurements differ here. */
  readonly alone: readonly Situation[];
  /** Beside two that answer at once and have as much traffic as those that are sick in what follows. */
  readonly besideWell: Situation;
  /** Beside an endpoint that hangs and one that refuses. */
  readonly besideSick: Situation;
  /** While the hanging one answers again and its backlog comes. */
  readonly whileReturning: Situation;
  readonly backlog: { readonly events: number; readonly returned: number; readonly seconds: number };
  /** Those of 99 healthy endpoints at their part of the traffic, without any other traffic. */
  readonly aloneSmall: Situation;
  /** All of the traffic, spread evenly over the 99 and the one that is flooded in what follows. */
  readonly spreadEvenly: Situation;
  /** The 99 at their part, beside the flooded one: first it answers at once. */
  readonly besideBusy: Situation;
  readonly besideFlood: Situation;
  readonly problems: readonly string[];
}

const HEALTHY = 50;
const HANGING_SHARE = 0.1;
const REFUSING_SHARE = 0.02;
const SMALL = 99;
const FLOOD_SHARE = 0.8;
const FLOODED_TAKES_MS = 2_000;
const RATES = { first: 500, lowest: 50, highest: 20_000 };
const WARM_UP_EVENTS = 10_000;
const ALONE_SECONDS = 40;
const BESIDE_SECONDS = 40;
const RETURN_STEP_SECONDS = 20;
/** Longer than a breaker of this run stays open. */
const RETURN_STEPS = 12;
const QUIET_STEPS = 2;
const PATTERN = 1_000;
const PART_SECONDS = 5;

/** What endpoints that are dead, slow or flooded do to the others' latency; the sick ones have their own receiver. */
export async function isolation(world: BenchWorld, options: BenchOptions): Promise<IsolationResult> {
  const sick = await world.startReceiver();
  const types = (kind: string, count: number) => Array.from({ length: count }, (_, n) => `bench.${kind}.${n}`);
  const healthy = types('healthy', HEALTHY);
  const small = types('small', SMALL);
  for (const type of [...healthy, ...small]) await world.subscribe(type);
  for (const type of ['bench.well.hanging', 'bench.well.refusing']) {
    await world.subscribe(type, `http://127.0.0.1:${sick.port}/well`);
  }
  await world.subscribe('bench.hanging', `http://127.0.0.1:${sick.port}/hanging`);
  await world.subscribe('bench.refusing', `http://127.0.0.1:${await freePort()}/refusing`);
  await world.subscribe('bench.flooded', `http://127.0.0.1:${sick.port}/flooded`);
  await warmUp(world, [...healthy, ...small], options.dataBytes, WARM_UP_EVENTS);

  const sustained = options.perSecond === undefined ? await search(world, options, healthy) : undefined;
  const rate = options.perSecond ?? Math.round((sustained ?? 0) / 2);
  if (rate === 0) throw new Error('not even the lowest rate was sustained: there is nothing to compare');
  const mixed = mixOf(world, options, sick);
  await warmUpSick(world, sick, (others) => mixed('warm-up: beside sick ones', healthy, others, rate, BESIDE_SECONDS));

  const alone = [
    await mixed('healthy endpoints alone', healthy, [], rate, ALONE_SECONDS),
    await mixed('healthy endpoints alone, again', healthy, [], rate, ALONE_SECONDS),
  ];
  const others = sickShares('bench');
  const well = sickShares('bench.well');
  const besideWell = await mixed('beside two more that answer at once', healthy, well, rate, BESIDE_SECONDS);
  await sick.behave({ delayMs: null });
  const beside = await mixed('beside one that hangs and one that refuses', healthy, others, rate, BESIDE_SECONDS);
  await sick.behave({ delayMs: 0 });
  const returning = await whileReturning(sick, beside, () =>
    mixed('while it comes back', healthy, others.slice(0, 1), rate, RETURN_STEP_SECONDS),
  );

  const smallRate = rate * (1 - FLOOD_SHARE);
  const aloneSmall = await mixed('99 endpoints with a fifth of it', small, [], smallRate, BESIDE_SECONDS);
  const even = [{ types: ['bench.flooded'], share: 1 / (SMALL + 1) }];
  const evenRate = rate * (SMALL / (SMALL + 1));
  const spreadEvenly = await mixed('100 endpoints with all of it, evenly', small, even, evenRate, BESIDE_SECONDS);
  const flood = [{ types: ['bench.flooded'], share: FLOOD_SHARE }];
  const besideBusy = await mixed('beside one that is flooded and quick', small, flood, smallRate, BESIDE_SECONDS);
  await sick.behave({ delayMs: FLOODED_TAKES_MS });
  const besideFlood = await mixed('beside one that is flooded and slow', small, flood, smallRate, BESIDE_SECONDS);
  await sick.behave({ delayMs: 0 });

  const steps = [...alone, besideWell, beside, ...returning.steps, aloneSmall, spreadEvenly, besideBusy, besideFlood];
  const inLog = await untilReached(async () => known(await world.log.states()), world.expectedInLog, world);
  return {
    healthyEndpoints: HEALTHY,
    sustainedPerSecond: sustained,
    alone: alone.map((step) => situation([step], rate)),
    besideWell: situation([besideWell], rate),
    besideSick: situation([beside], rate),
    whileReturning: situation(returning.steps, rate),
    backlog: returning.backlog,
    aloneSmall: situation([aloneSmall], smallRate),
    spreadEvenly: situation([spreadEvenly], evenRate),
    besideBusy: situation([besideBusy], smallRate),
    besideFlood: situation([besideFlood], smallRate),
    problems: [
      ...steps.flatMap(({ ledger }) => complaint(ledger) ?? []),
      ...(inLog < world.expectedInLog ? [`the log knows ${inLog} of ${world.expectedInLog} deliveries`] : []),
    ],
  };
}

async function search(world: BenchWorld, { dataBytes, stepSeconds }: BenchOptions, types: readonly string[]) {
  return highestHeld(RATES, async (perSecond) => {
    const { held } = await runStep(world, { perSecond, seconds: stepSeconds, types, dataBytes });
    return held;
  });
}

/**
 * What is done about sick endpoints is compiled and optimized when it is first done, in five processes and the broker: half a
 * minute of work that is not theirs. So two others are sick first; what still waits for them is cancelled.
 */
async function warmUpSick(
  world: BenchWorld,
  sick: Receiver,
  mixed: (others: readonly SickShare[]) => Promise<MixedStepResult>,
): Promise<void> {
  const hanging = await world.subscribe('bench.first.hanging', `http://127.0.0.1:${sick.port}/first-hanging`);
  const refusing = await world.subscribe('bench.first.refusing', `http://127.0.0.1:${await freePort()}/first-refusing`);
  await sick.behave({ delayMs: null });
  await mixed(sickShares('bench.first'));
  for (const id of [hanging, refusing]) await act(world.services, id, 'deactivate');
  await sick.behave({ delayMs: 0 });
}

function sickShares(prefix: string): readonly SickShare[] {
  return [
    { types: [`${prefix}.hanging`], share: HANGING_SHARE },
    { types: [`${prefix}.refusing`], share: REFUSING_SHARE },
  ];
}

interface SickShare {
  readonly types: readonly string[];
  /** Of all events. */
  readonly share: number;
}

function mixOf(world: BenchWorld, { dataBytes }: BenchOptions, sick: Receiver) {
  return async (
    title: string,
    healthy: readonly string[],
    others: readonly SickShare[],
    healthyPerSecond: number,
    seconds: number,
  ): Promise<MixedStepResult> => {
    const share = 1 - others.reduce((sum, other) => sum + other.share, 0);
    const pattern = trafficPattern([{ types: healthy, share }, ...others], PATTERN);
    const perSecond = healthyPerSecond / share;
    return world.progress.during(`${Math.round(perSecond)} events/s for ${seconds} s: ${title}`, () =>
      runMixedStep(world, { perSecond, seconds, pattern, healthy: new Set(healthy), dataBytes, sick }),
    );
  };
}

/**
 * Goes on until no more comes of what was sent to the hanging endpoint. What had been attempted by then comes later, by
 * its retry schedule.
 */
async function whileReturning(sick: Receiver, hung: MixedStepResult, step: () => Promise<MixedStepResult>) {
  const events = Math.round(hung.events * HANGING_SHARE);
  const startedAtMs = monotonicMs();
  const steps: MixedStepResult[] = [];
  let returned = 0;
  let seconds = 0;
  for (let quiet = 0; steps.length < RETURN_STEPS && quiet < QUIET_STEPS && returned < events;) {
    steps.push(await step());
    const { distinct, lastAtMs } = await sick.tally(hung.phase);
    quiet = distinct > returned || distinct === 0 ? 0 : quiet + 1;
    if (distinct > returned) seconds = (lastAtMs - startedAtMs) / 1_000;
    returned = distinct;
  }
  return { steps, backlog: { events, returned, seconds } };
}

function situation(steps: readonly MixedStepResult[], healthyPerSecond: number): Situation {
  const latencies = Float64Array.from(steps.flatMap(({ latenciesMs }) => [...latenciesMs]));
  return {
    latency: summarize(latencies),
    usualP99: usualP99(latencies, Math.max(1, Math.round(latencies.length / healthyPerSecond / PART_SECONDS))),
    healthyPerSecond,
    missing: steps.reduce((sum, { ledger }) => sum + ledger.missing.length, 0),
    duplicates: steps.reduce((sum, { ledger }) => sum + ledger.duplicates, 0),
  };
}
