import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import axios from 'axios';
import type { ServiceName } from '@hookstream/testing';
import { monotonicMs } from '../measure/monotonic.js';
import { summarize, type LatencySummary } from '../measure/percentiles.js';
import { bucketsOf, readMetrics, type Buckets } from '../measure/service-metrics.js';
import type { BenchWorld } from '../stack/bench-world.js';
import { PathsReceiver } from '../stack/paths-receiver.js';
import { warmUp } from './warm-up.js';

export interface PropagationResult {
  readonly changes: number;
  readonly deliveriesPerSecond: number;
  /** From asking to the answer: the change is committed, and Kafka has it. */
  readonly answer: LatencySummary;
  /** After the answer to a deactivation: when the last request came, 0 when none did. */
  readonly silence: LatencySummary;
  /** From asking for an activation to the first request, the time between two events and that of a delivery included. */
  readonly awake: LatencySummary;
  /** What the services say themselves: from the commit until it was in force there. */
  readonly services: Readonly<Record<string, Buckets>>;
  readonly pending: number;
  readonly problems: readonly string[];
}

const SUBSCRIPTIONS = 50;
const ROUNDS = 10;
const EVENTS_PER_SECOND = 10;
const OFF_MS = 700;
const DATA_BYTES = 1_024;
const WARM_UP_EVENTS = 5_000;
const IN_FORCE_MS = 5_000;
const LAST_LOOK_MS = 6_000;
const LONGEST_SECONDS = 45;
const TYPE = 'bench.switched';
const READERS: readonly ServiceName[] = ['router', 'dispatcher', 'retry-scheduler', 'audit-log', 'config-api'];
const METRIC = 'hookstream_config_propagation_seconds';

/** A thousand changes, half of them off and half on, under load, seen where events arrive. */
export async function propagation(world: BenchWorld): Promise<PropagationResult> {
  const { progress, signal, services } = world;
  await world.subscribe('bench.warm');
  await warmUp(world, ['bench.warm'], DATA_BYTES, WARM_UP_EVENTS);
  // All of them wait at the same time.
  setMaxListeners(4 * SUBSCRIPTIONS, signal);
  const receiver = await PathsReceiver.start();
  try {
    const paths = Array.from({ length: SUBSCRIPTIONS }, (_, n) => `/switched-${n}`);
    const switched: { readonly id: string; readonly path: string }[] = [];
    for (const path of paths) {
      switched.push({ path, id: await world.subscribe(TYPE, `http://127.0.0.1:${receiver.port}${path}`) });
    }
    const before = await bucketsOfAll(world);
    const events = EVENTS_PER_SECOND * LONGEST_SECONDS;
    const phase = await world.openBarePhase(events);
    const load = { phase, events, dataBytes: DATA_BYTES, types: [TYPE], perSecond: EVENTS_PER_SECOND };
    const loading = world.generator.paced(load);

    const [answers, silences, awakes]: number[][] = [[], [], []];
    let pending = 0;
    const change = async (method: 'post' | 'delete', id: string, action: string) => {
      const askedAtMs = monotonicMs();
      const headers = { authorization: `Bearer ${services.apiKey}` };
      const url = `${services.url}/v1/subscriptions/${id}${action}`;
      const answer = await axios.request<unknown>({ method, url, headers, proxy: false });
      const answeredAtMs = monotonicMs();
      answers?.push(answeredAtMs - askedAtMs);
      if (answer.headers['hookstream-propagation'] !== undefined) pending += 1;
      return { askedAtMs, answeredAtMs };
    };
    const silent = (path: string, sinceMs: number) => Math.max(0, (receiver.lastAt(path) ?? 0) - sinceMs);
    const toggle = async ({ id, path }: (typeof switched)[number]) => {
      await receiver.next(path);
      for (let round = 0; round < ROUNDS; round += 1) {
        const off = await change('post', id, '/deactivate');
        await delay(OFF_MS, undefined, { signal });
        silences?.push(silent(path, off.answeredAtMs));
        const next = receiver.next(path);
        const on = await change('post', id, '/activate');
        const first = await Promise.race([next, delay(2 * IN_FORCE_MS, Infinity, { signal })]);
        awakes?.push(first - on.askedAtMs);
      }
    };
    const lasts = await progress.during(`${SUBSCRIPTIONS * ROUNDS * 2} changes under load`, async () => {
      await Promise.all(switched.map(toggle));
      return Promise.all(switched.map(async ({ id, path }) => ({ path, ...(await change('delete', id, '')) })));
    });
    await progress.during('Seeing that nothing comes any more', () => delay(LAST_LOOK_MS, undefined, { signal }));
    for (const { path, answeredAtMs } of lasts) silences?.push(silent(path, answeredAtMs));
    const after = await bucketsOfAll(world);
    await progress.during('Letting the load end', () => loading);

    const [silence, awake] = [summarize(Float64Array.from(silences ?? [])), summarize(Float64Array.from(awakes ?? []))];
    return {
      changes: answers?.length ?? 0,
      deliveriesPerSecond: SUBSCRIPTIONS * EVENTS_PER_SECOND,
      answer: summarize(Float64Array.from(answers ?? [])),
      silence,
      awake,
      services: Object.fromEntries(
        READERS.map((name) => [name, difference(before[name] ?? new Map(), after[name] ?? new Map())]),
      ),
      pending,
      problems: [
        ...(silence.max > IN_FORCE_MS ? [`something came ${Math.round(silence.max)} ms after a deactivation`] : []),
        ...(awake.p99 > IN_FORCE_MS ? [`the p99 of an activation was ${Math.round(awake.p99)} ms`] : []),
      ],
    };
  } finally {
    await receiver.close();
  }
}

async function bucketsOfAll(world: BenchWorld): Promise<Readonly<Record<string, Buckets>>> {
  const all: Record<string, Buckets> = {};
  for (const name of READERS) all[name] = bucketsOf(await readMetrics(world.services.service(name)), METRIC);
  return all;
}

function difference(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}
