import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '@hookstream/testing';
import { monotonicMs } from '../measure/monotonic.js';
import { gaugeOf, memoryOf, readMetrics, type ServiceMemory } from '../measure/service-metrics.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { multiplySubscription } from '../stack/multiply-subscription.js';
import { untilReached } from './until.js';

/** One service, started with one subscription and with very many. */
export interface ColdStart {
  readonly service: ServiceName;
  readonly emptyReadyMs: number;
  readonly readyMs: number;
  readonly empty: ServiceMemory;
  readonly memory: ServiceMemory;
}

export interface ConfigResult {
  readonly subscriptions: number;
  /** By the command, config-api and all readers beside it. */
  readonly republishMs: number;
  /** Until the last running service had all in force. */
  readonly inForceMs: number;
  readonly starts: readonly ColdStart[];
  readonly problems: readonly string[];
}

const SUBSCRIPTIONS = 100_000;
const SERVICES: readonly ServiceName[] = ['router', 'dispatcher', 'config-api'];
const TYPE = 'bench.config';
const READY_TIMEOUT_MS = 120_000;
const SAMPLES = 6;
const SAMPLE_EVERY_MS = 500;
const MOST_READY_MS = 10_000;

/** What very many subscriptions cost those who hold them in memory: to publish them, to start with them, to keep them. */
export async function config(world: BenchWorld): Promise<ConfigResult> {
  const { progress, services, signal } = world;
  const template = await world.subscribe(TYPE);
  const before = new Map<ServiceName, Awaited<ReturnType<typeof coldStart>>>();
  for (const name of SERVICES) before.set(name, await coldStart(world, name, 'with one subscription'));

  await progress.during(`Making ${SUBSCRIPTIONS} subscriptions`, () =>
    multiplySubscription(world.databaseUrl, template, SUBSCRIPTIONS),
  );
  const startedAtMs = monotonicMs();
  await progress.during('Publishing all configuration', () => world.republish());
  const republishMs = monotonicMs() - startedAtMs;
  const problems: string[] = [];
  for (const name of SERVICES) {
    const known = async () => gaugeOf(await readMetrics(services.service(name)), 'hookstream_config_documents');
    const reached = await untilReached(known, SUBSCRIPTIONS, { signal });
    if (reached < SUBSCRIPTIONS) problems.push(`${name} knows ${reached} documents`);
  }
  const inForceMs = monotonicMs() - startedAtMs;

  const starts: ColdStart[] = [];
  for (const name of SERVICES) {
    const empty = before.get(name);
    const full = await coldStart(world, name, `with ${SUBSCRIPTIONS}`);
    if (empty === undefined) continue;
    starts.push({
      service: name,
      emptyReadyMs: empty.readyMs,
      readyMs: full.readyMs,
      empty: empty.memory,
      memory: full.memory,
    });
    if (full.readyMs > MOST_READY_MS) problems.push(`${name} was ready after ${Math.round(full.readyMs)} ms`);
  }
  return { subscriptions: SUBSCRIPTIONS, republishMs, inForceMs, starts, problems };
}

/** From the start of the process until it is ready, and what it has in memory then, at least. */
async function coldStart(world: BenchWorld, name: ServiceName, what: string) {
  const { progress, services, signal } = world;
  const service = services.service(name);
  await progress.during(`Stopping ${name}`, () => service.stop());
  return progress.during(`Starting ${name} ${what}`, async () => {
    const startedAtMs = monotonicMs();
    await service.start();
    await service.ready(READY_TIMEOUT_MS);
    const readyMs = monotonicMs() - startedAtMs;
    const samples: ServiceMemory[] = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      await delay(SAMPLE_EVERY_MS, undefined, { signal });
      samples.push(memoryOf(await readMetrics(service)));
    }
    return { readyMs, memory: least(samples) };
  });
}

function least(samples: readonly ServiceMemory[]): ServiceMemory {
  const of = (bytes: (memory: ServiceMemory) => number) => Math.min(...samples.map(bytes));
  return {
    residentBytes: of(({ residentBytes }) => residentBytes),
    heapBytes: of(({ heapBytes }) => heapBytes),
    externalBytes: of(({ externalBytes }) => externalBytes),
  };
}
