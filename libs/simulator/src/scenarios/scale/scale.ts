import { encodeDelivery, topicNames, type SubscriptionDocument } from '@hookstream/contracts';
import {
  DEFAULT_LANE_LIMITS,
  Dispatcher,
  EffectWriter,
  Endpoints,
  limitsOf,
  NewestRuns,
  RecordHandler,
  SubscriptionTable,
  TrackerTable,
} from '@hookstream/engine';
import { Scheduler } from '../../clock/scheduler.js';
import { SeededRandom } from '../../clock/seeded-random.js';
import { quietObserver } from '../engine-under-faults/quiet-observer.js';
import { deliveryOf } from '../synthetic-delivery.js';
import { healthsOf, Zipf, type Sickness } from './population.js';
import { ScaleLog } from './scale-log.js';
import { ScaleReceivers } from './scale-receivers.js';
import { subscriptionDocument } from '../subscription-document.js';

export interface ScaleOptions {
  readonly seed: number;
  readonly subscriptions: number;
  /** Over all subscriptions, by Zipf's law. */
  readonly deliveriesPerSecond: number;
  /** Virtual time in which new deliveries come. Milliseconds. */
  readonly durationMs: number;
  readonly partitions: number;
  readonly sickness: Sickness;
  /** Makes what is said of memory exact. */
  readonly collectGarbage?: () => void;
}

export interface ScaleReport {
  readonly deliveries: number;
  readonly delivered: number;
  readonly attempts: number;
  /** Requests to endpoints that were down. */
  readonly wasted: number;
  /** Waiting in delay topics at the end. */
  readonly waiting: number;
  /** Of first attempts to endpoints that are healthy in both runs, from the event to the answer. Milliseconds. */
  readonly healthyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Records written per delivery, by topic, the first one into `deliveries` included. */
  readonly writesPerDelivery: Readonly<Record<string, number>>;
  /** Heap over what the process had before, at most. Bytes. */
  readonly peakHeapBytes: number;
  /** Heap of one subscription's settings. Bytes. */
  readonly bytesPerSubscription: number;
  readonly realMs: number;
}

const TURN_MS = 5;
const TICK_MS = 100;
const COMMIT_INTERVAL_MS = 200;
/** After the last delivery, for what is under way. */
const SETTLE_MS = 20_000;
const NONE: Sickness = { down: 0, flapping: 0, slow: 0 };

/** One run with sick endpoints, and one of the same traffic in which all are healthy. */
export async function runScale(
  options: ScaleOptions,
): Promise<{ readonly sick: ScaleReport; readonly well: ScaleReport }> {
  const well = await play(options, NONE);
  return { well, sick: await play(options, options.sickness) };
}

/** The real engine, alone, with the limits it is deployed with: what it costs in processor time is not simulated. */
async function play(options: ScaleOptions, sickness: Sickness): Promise<ScaleReport> {
  const { seed, subscriptions, deliveriesPerSecond, durationMs, partitions } = options;
  const realStartMs = performance.now();
  const heapBefore = heapBytes(options);
  const random = new SeededRandom(seed);
  const scheduler = new Scheduler();
  const topics = topicNames('');
  // The same endpoints are looked at in both runs.
  const sick = healthsOf(subscriptions, options.sickness, random.fork());
  const healths = sickness === NONE ? sick.map(() => 'healthy' as const) : sick;
  const watched = sick.map((health) => health === 'healthy');

  const table = new SubscriptionTable({ open: () => Buffer.alloc(32) });
  const documents = Array.from({ length: subscriptions }, (_, index) => documentOf(index));
  for (const document of documents) table.onSubscription(document);
  const bytesPerSubscription = (heapBytes(options) - heapBefore) / subscriptions;

  const log = new ScaleLog(scheduler, topics, partitions);
  const receivers = new ScaleReceivers(scheduler, random.fork(), healths, watched);
  const trackers = new TrackerTable();
  const now = () => scheduler.nowMs;
  const defects: unknown[] = [];
  const observer = quietObserver((error) => defects.push(error));
  let standings = 0;
  const endpoints = new Endpoints({
    limits: (id) => limitsOf(table.get(id)),
    restore: () => undefined,
    tell: () => (standings += 1),
    workShare: () => 0,
    slowPlaces: 2 * DEFAULT_LANE_LIMITS.inFlight,
    now,
  });
  const dispatcher = new Dispatcher({
    trackers,
    endpoints,
    observer,
    now,
    batchOf: (id) => table.batchOf(id),
    handler: new RecordHandler({
      runs: new NewestRuns(),
      topics,
      subscriptions: table,
      endpoints,
      observer,
      attempts: { prepare: (delivery) => ({ ok: true, request: REQUEST, send: () => receivers.request(delivery) }) },
      mayBlame: () => true,
      maxEventBytes: 1_048_576,
      now,
      random: () => random.next(),
    }),
    effects: new EffectWriter({
      publisher: { publish: (record) => log.publish(record) },
      sleep: () => Promise.reject(new Error('nothing fails here')),
      onRetry: (error) => defects.push(error),
      isMember: () => true,
    }),
    flow: log,
    limits: DEFAULT_LANE_LIMITS,
    ordered: {
      topics: { source: topics.deliveriesFifo, hold: topics.fifoHold },
      ends: () => Promise.resolve(new Map()),
      read: () => Promise.reject(new Error('nothing is ordered here')),
      vanished: () => undefined,
    },
    mayStart: () => true,
    onFatal: (error) => defects.push(error),
  });
  for (let partition = 0; partition < partitions; partition += 1) {
    trackers.assign({ topic: topics.deliveries, partition }, undefined);
  }

  const zipf = new Zipf(subscriptions);
  const traffic = random.fork();
  let deliveries = 0;
  let peakHeap = 0;
  const every = (intervalMs: number, work: () => void) => {
    const again = () => {
      work();
      scheduler.after(intervalMs, again);
    };
    scheduler.after(intervalMs, again);
  };
  every(TURN_MS, () => {
    const dueCount = Math.floor((Math.min(scheduler.elapsedMs, durationMs) * deliveriesPerSecond) / 1_000);
    for (; deliveries < dueCount; deliveries += 1) {
      const document = documents[zipf.draw(traffic)];
      if (document) log.write(encodeDelivery(topics.deliveries, deliveryOf(deliveries, document, now())));
    }
    log.turn(dispatcher);
  });
  every(TICK_MS, () => dispatcher.tick());
  every(COMMIT_INTERVAL_MS, () => {
    for (const due of trackers.dueCommits()) due.acknowledge();
    peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed);
  });
  await scheduler.runFor(durationMs + SETTLE_MS);
  if (defects.length > 0) throw defects[0];

  const { attempts, delivered, wasted, latenciesMs } = receivers;
  const written = [...log.written, ['endpoint-state', standings] as const];
  return {
    deliveries,
    delivered,
    attempts,
    wasted,
    waiting: log.waiting,
    healthyMs: summaryOf(latenciesMs),
    writesPerDelivery: Object.fromEntries(written.map(([topic, count]) => [topic, count / deliveries])),
    peakHeapBytes: peakHeap - heapBefore,
    bytesPerSubscription,
    realMs: performance.now() - realStartMs,
  };
}

const REQUEST = { url: 'https://receiver.example/', method: 'POST', headers: {} };

/** The default settings. */
function documentOf(index: number): SubscriptionDocument {
  return subscriptionDocument(index, {
    organization: index % 1_000,
    timeoutMs: 15_000,
    scheduleMs: [5_000, 300_000, 1_800_000],
    maxAgeMs: 86_400_000,
    concurrency: 64,
  });
}

function summaryOf(values: readonly number[]) {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function heapBytes({ collectGarbage }: ScaleOptions): number {
  collectGarbage?.();
  return process.memoryUsage().heapUsed;
}
