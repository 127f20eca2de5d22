import {
  ParkedSweep,
  SubscriptionTable,
  TrackedOffsets,
  TrackerTable,
  type GuardedBurials,
  type RecordWriter,
} from '@hookstream/engine';
import { RebalancedError } from '@hookstream/kafka';
import type { ServiceHost } from '@hookstream/service';
import { KafkaParkedReader } from './adapters/kafka-parked-reader.js';
import { PARKED } from './adapters/parked.controller.js';
import { measureParked, parkedObserver } from './adapters/scheduler-metrics.js';
import type { Settings } from './config.js';
import { Repetition } from './core/repetition.js';

/** 512 KiB per partition, four million records that wait in it; repeats are told by the dispatcher. */
const TRACKER_LIMITS = { window: 4_194_304, handledKeys: 1 };
/** What is looked at in one go, while retries must be on time. */
const FETCH_BYTES_PER_PARTITION = 262_144;
/** Nothing here is urgent, and a dead endpoint's records come one by one with each round of the router. */
const FETCH_EVERY_MS = 250;
const LOOK_EVERY_MS = 1_000;
const RELEASE_EVERY_MS = 100;
const COMMIT_INTERVAL_MS = 200;

/** The part of the service that keeps `parked`: a group of its own, so that reading a million records delays no retry. */
export function buildParkedSweep(
  host: ServiceHost<Settings>,
  { writer, burials }: { readonly writer: RecordWriter; readonly burials: GuardedBurials },
): ParkedSweep {
  const { topics, settings, logger, metrics, lifecycle } = host;
  const trackers = new TrackerTable(TRACKER_LIMITS);
  const subscriptions = new SubscriptionTable({
    open: () => {
      throw new Error('nothing is signed here');
    },
  });
  host.configTable(subscriptions);
  const endpoints = host.endpointStates();
  const ranges = host.log.ranges();
  const sweep = new ParkedSweep({
    topics,
    trackers,
    writer,
    burials,
    reader: new KafkaParkedReader(ranges, topics.parked),
    observer: parkedObserver(metrics, logger),
    endpoint: (subscription) => endpoints.get(subscription),
    subscription: (subscription) => subscriptions.get(subscription),
    mostPerSecond: settings.MAX_RETURNS_PER_SECOND,
    now: Date.now,
  });
  const offsets = new TrackedOffsets(
    trackers,
    { commit: (due) => transport.commit(due), committed: (of) => transport.committed(of) },
    (error) => {
      if (!(error instanceof RebalancedError)) logger.warn('offsets were not committed; trying again', { error });
    },
  );
  const transport = host.batchTransport({
    groupId: `${settings.TOPIC_PREFIX}retry-scheduler.parked`,
    topics: { [PARKED]: [topics.parked] },
    assigner: 'co-partitioned-sticky',
    commit: 'manual',
    maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
    fetchEveryMs: FETCH_EVERY_MS,
    listener: {
      onAssigned: async (gained) => void (await offsets.assign(gained)),
      onRevoked: async (lost, reason) => {
        if (reason === 'leaving') await offsets.flush();
        for (const at of lost) sweep.lose(at);
      },
    },
  });
  measureParked(metrics, sweep);
  const failed = (error: unknown) => logger.warn('parked records could not be looked through; trying again', { error });
  const looking = new Repetition((signal) => sweep.look(signal), LOOK_EVERY_MS, failed);
  const releasing = new Repetition(() => sweep.release(), RELEASE_EVERY_MS, failed);
  const ticking = setInterval(() => offsets.tick(), COMMIT_INTERVAL_MS);
  looking.start();
  releasing.start();
  lifecycle.onDrain('parked records', async () => {
    await Promise.all([looking.stop(), releasing.stop()]);
    clearInterval(ticking);
    await offsets.flush();
  });
  lifecycle.onClose('parked records', () => ranges.close());
  return sweep;
}
