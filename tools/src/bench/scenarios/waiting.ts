import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '@hookstream/testing';
import type { Receiver } from '../children/receiver.js';
import { complaint } from '../measure/ledger.js';
import type { LatencySummary } from '../measure/percentiles.js';
import { gaugeOf, memoryOf, readMetrics, type ServiceMemory } from '../measure/service-metrics.js';
import { trafficPattern } from '../measure/traffic-mix.js';
import type { BenchOptions } from '../options.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { act } from '../stack/subscribe.js';
import { runMixedStep, type MixedStepResult } from './mixed-step.js';
import { untilReached } from './until.js';
import { warmUp } from './warm-up.js';

/** Memory by the name of the service. */
type Memory = Readonly<Record<string, ServiceMemory>>;

/** One moment. */
export interface WaitingPoint {
  readonly title: string;
  readonly waiting: number;
  readonly memory: Memory;
  /** Of the healthy endpoints, in the seconds in which memory was read. */
  readonly latency: LatencySummary;
}

export interface WaitingResult {
  readonly records: number;
  readonly ordered: boolean;
  readonly healthyPerSecond: number;
  readonly points: readonly WaitingPoint[];
  /** What the endpoint had got a minute after it was back. */
  readonly returned: number;
  readonly problems: readonly string[];
}

const SERVICES: readonly ServiceName[] = ['router', 'dispatcher', 'retry-scheduler'];
const RECORDS = 1_000_000;
const ORDERED_RECORDS = 200_000;
const QUARTERS = 4;
const HEALTHY = 10;
const HEALTHY_PER_SECOND = 200;
/** Of the traffic while records become more. */
const HEALTHY_SHARE = 0.05;
const PATTERN = 200;
const WARM_UP_EVENTS = 10_000;
const WINDOW_SECONDS = 15;
const SWEEP_SECONDS = 60;
const SAMPLE_EVERY_MS = 1_000;
const POLL_MS = 500;
/** The others wait on the delay ladder, by a breaker that was not open for long yet or by their schedule: some thousand. */
const LEAST_PARKED_SHARE = 0.5;
/** As many are enough to go on: the rest may be on its way for minutes. */
const ENOUGH_PARKED_SHARE = 0.98;
/** All are where they are to wait. */
const STILL_MS = 20_000;
const DEAD = 'bench.dead';
/** The first of a queue is tried again soon, and not given up: all others wait for it. */
const ORDERED = { ordering: { mode: 'fifo' }, retry: { schedule: Array<string>(30).fill('20s'), jitter: 0 } } as const;

/** What waits for one dead endpoint, up to very many, costs the others neither memory nor time. */
export async function waiting(world: BenchWorld, options: BenchOptions): Promise<WaitingResult> {
  const { ordered } = options;
  const records = options.records ?? (ordered ? ORDERED_RECORDS : RECORDS);
  const healthy = Array.from({ length: HEALTHY }, (_, n) => `bench.healthy.${n}`);
  for (const type of healthy) await world.subscribe(type);
  await warmUp(world, healthy, options.dataBytes, WARM_UP_EVENTS);
  const dead = await world.startReceiver();
  await dead.behave({ delayMs: 0, cuts: true });
  const endpoint = `http://127.0.0.1:${dead.port}/dead`;
  const subscription = await world.subscribe(DEAD, endpoint, ordered ? ORDERED : {});
  const observed = pointsOf(world, options, healthy, dead);

  const points = [await observed('nothing waits')];
  const fills: number[] = [];
  const problems: string[] = [];
  for (let quarter = 1; quarter <= QUARTERS; quarter += 1) {
    const wanted = Math.round((records * quarter) / QUARTERS);
    fills.push(await fill(world, options, healthy, dead, Math.round(records / QUARTERS)));
    const reached = await world.progress.during(`Until ${wanted} wait`, () =>
      untilWaiting(world, ordered, Math.floor(ENOUGH_PARKED_SHARE * wanted)),
    );
    if (reached < LEAST_PARKED_SHARE * wanted) problems.push(`${reached} of ${wanted} wait, and no more come`);
    points.push(await observed(`${(100 * quarter) / QUARTERS} % wait`));
  }

  await dead.behave({ delayMs: 0 });
  await act(world.services, subscription, 'pause', 'resume');
  await world.progress.during(`${SWEEP_SECONDS} s in which they go`, () =>
    delay((SWEEP_SECONDS - WINDOW_SECONDS) * 1_000, undefined, { signal: world.signal }),
  );
  points.push(await observed(`after ${SWEEP_SECONDS} s of going`));
  const tallies = await Promise.all(fills.map((phase) => dead.tally(phase)));
  return {
    records,
    ordered,
    healthyPerSecond: HEALTHY_PER_SECOND,
    points: points.map(({ point }) => point),
    returned: tallies.reduce((sum, { distinct }) => sum + distinct, 0),
    problems: [...problems, ...points.flatMap(({ step }) => complaint(step.ledger) ?? [])],
  };
}

/** Healthy traffic for some seconds, and the memory of the services meanwhile. */
function pointsOf(world: BenchWorld, { dataBytes, ordered }: BenchOptions, healthy: readonly string[], sick: Receiver) {
  return async (title: string): Promise<{ readonly point: WaitingPoint; readonly step: MixedStepResult }> => {
    const load = { perSecond: HEALTHY_PER_SECOND, seconds: WINDOW_SECONDS, pattern: healthy, dataBytes, sick };
    const over = new AbortController();
    const samples = sampleMemory(world, AbortSignal.any([over.signal, world.signal]));
    const step = await world.progress
      .during(`${HEALTHY_PER_SECOND} events/s for ${WINDOW_SECONDS} s: ${title}`, () =>
        runMixedStep(world, { ...load, healthy: new Set(healthy) }),
      )
      .finally(() => over.abort());
    const memory = await samples;
    return { step, point: { title, waiting: await countWaiting(world, ordered), memory, latency: step.latency } };
  };
}

/** The most that a process had, and the least that its heap and its buffers came down to: what is kept, not what is garbage. */
async function sampleMemory(world: BenchWorld, signal: AbortSignal): Promise<Memory> {
  const memory: Record<string, ServiceMemory> = {};
  for (; !signal.aborted; await delay(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => undefined)) {
    for (const name of SERVICES) {
      const now = memoryOf(await readMetrics(world.services.service(name)));
      const before = memory[name];
      memory[name] = {
        residentBytes: Math.max(now.residentBytes, before?.residentBytes ?? 0),
        heapBytes: Math.min(now.heapBytes, before?.heapBytes ?? Infinity),
        externalBytes: Math.min(now.externalBytes, before?.externalBytes ?? Infinity),
      };
    }
  }
  return memory;
}

/** Returns the phase. */
async function fill(
  world: BenchWorld,
  { dataBytes }: BenchOptions,
  healthy: readonly string[],
  sick: Receiver,
  deadEvents: number,
): Promise<number> {
  const shares = [
    { types: healthy, share: HEALTHY_SHARE },
    { types: [DEAD], share: 1 - HEALTHY_SHARE },
  ];
  const events = Math.round(Math.max(0, deadEvents) / (1 - HEALTHY_SHARE));
  const phase = await world.openPhase(events);
  await sick.open(phase, events);
  const types = trafficPattern(shares, PATTERN);
  await world.progress.during(`Writing ${events} events`, () =>
    world.generator.burst({ phase, events, dataBytes, types }),
  );
  return phase;
}

async function countWaiting(world: BenchWorld, ordered: boolean): Promise<number> {
  const [service, gauge] = ordered
    ? (['dispatcher', 'hookstream_dispatcher_ordered_waiting'] as const)
    : (['retry-scheduler', 'hookstream_retry_scheduler_parked'] as const);
  const count = gaugeOf(await readMetrics(world.services.service(service)), gauge);
  return Number.isNaN(count) ? 0 : count;
}

/** Returns how many wait. */
async function untilWaiting(world: BenchWorld, ordered: boolean, wanted: number): Promise<number> {
  const onProgress = (count: number) => world.progress.detail(`${count}`);
  const options = { signal: world.signal, everyMs: POLL_MS, stallMs: STILL_MS, onProgress };
  return untilReached(() => countWaiting(world, ordered), wanted, options);
}
