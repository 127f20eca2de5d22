import { decodeConfigDocument, type ConsumedRecord, type OutgoingRecord } from '@hookstream/contracts';
import {
  GuardedBurials,
  ParkedSweep,
  ReleaseLoop,
  RetryScheduler,
  SubscriptionTable,
  TrackedOffsets,
  TrackerTable,
  type Written,
} from '@hookstream/engine';
import {
  RebalancedError,
  TransientKafkaError,
  type RecordBatch,
  type RecordConsumer,
  type RecordLog,
  type TopicPartition,
} from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { type Replica } from '../../replica/replica.js';
import { untilClosed } from '../until-closed.js';
import { waysOf, type EngineWorld } from './engine-world.js';

const COMMIT_INTERVAL_MS = 200;
const LOOK_EVERY_MS = 1_000;
const RELEASE_EVERY_MS = 100;

/** The retry-scheduler's parts as the service puts them together, with log and time given. Its clock is ahead of the others. */
export function delayProcess(world: EngineWorld): Program {
  return async (replica, log) => {
    const running = new DelayProcess(world, replica, log);
    replica.onTerminate(() => running.drain());
    await running.start();
  };
}

/** What the two groups of the service have in common. */
interface Keeper {
  take(at: TopicPartition, records: readonly ConsumedRecord[]): void;
  lose(at: TopicPartition): void;
}

class DelayProcess {
  readonly #subscriptions = new SubscriptionTable({ open: () => Buffer.alloc(0) });
  readonly #stopping = new AbortController();
  readonly #producer;
  readonly #table;
  readonly #ranges;
  readonly #loop: ReleaseLoop;
  readonly #delays;
  readonly #parked;
  readonly #timers;

  constructor(
    private readonly world: EngineWorld,
    private readonly replica: Replica,
    log: RecordLog,
  ) {
    const { simulation, topics, schedulerAheadMs } = world;
    const now = () => replica.now() + schedulerAheadMs;
    this.#producer = log.producer();
    this.#ranges = log.ranges();
    this.#table = log.table({
      topic: topics.config,
      maxWaitMs: 1_000,
      onRecord: (_, record) => this.#configure(record),
    });
    const writer = {
      write: (records: readonly OutgoingRecord[]) => Promise.all(records.map((one) => this.#write(one))),
    };
    const burials = new GuardedBurials(
      { bury: (_, { reason }) => Promise.reject(new Error(`nothing is to be buried: ${reason}`)) },
      () => undefined,
    );
    const delayTrackers = new TrackerTable({ window: 4_096, handledKeys: 1 });
    const scheduler = new RetryScheduler({
      topics,
      trackers: delayTrackers,
      writer,
      burials,
      flow: { pause: (at) => this.#delays.consumer.pause([at]), resume: (at) => this.#delays.consumer.resume([at]) },
      observer: { moved: () => undefined, postponed: () => undefined },
      now,
    });
    this.#loop = new ReleaseLoop({
      scheduler,
      now,
      after: (milliseconds, run) => {
        const timer = replica.setTimeout(run, milliseconds);
        return () => replica.clearTimeout(timer);
      },
      onDefect: (error) => simulation.reportDefect(error),
    });
    const parkedTrackers = new TrackerTable({ window: 65_536, handledKeys: 1 });
    const sweep = new ParkedSweep({
      topics,
      trackers: parkedTrackers,
      writer,
      burials,
      reader: {
        read: async (range) => {
          try {
            await this.#ranges.readRange({ topic: topics.parked, ...range });
          } catch (error) {
            if (!range.signal.aborted && !(error instanceof TransientKafkaError)) throw error;
          }
        },
      },
      observer: {
        released: () => undefined,
        ended: () => undefined,
        rewritten: () => undefined,
        reread: () => undefined,
        vanished: (count) => simulation.reportDefect(new Error(`${count} parked records vanished`)),
        refused: () => undefined,
      },
      endpoint: (subscription) => world.endpointStates.get(subscription),
      subscription: (subscription) => this.#subscriptions.get(subscription),
      mostPerSecond: 100,
      now,
    });
    const { delays } = waysOf(topics);
    this.#delays = this.#group(log, { groupId: 'retry-scheduler', topics: delays }, delayTrackers, {
      take: (at, records) => {
        scheduler.take(at, records);
        this.#loop.arm();
      },
      lose: (at) => scheduler.lose(at),
    });
    this.#parked = this.#group(
      log,
      { groupId: 'retry-scheduler.parked', topics: [topics.parked] },
      parkedTrackers,
      sweep,
    );
    this.#timers = [
      replica.setInterval(() => this.#delays.offsets.tick(), COMMIT_INTERVAL_MS),
      replica.setInterval(() => this.#parked.offsets.tick(), COMMIT_INTERVAL_MS),
    ];
    this.#repeat(() => sweep.look(this.#stopping.signal), LOOK_EVERY_MS);
    this.#repeat(() => sweep.release(), RELEASE_EVERY_MS);
  }

  async start(): Promise<void> {
    await this.#table.start();
    await untilClosed(this.#table.ready);
    await Promise.all([untilClosed(this.#delays.consumer.start()), untilClosed(this.#parked.consumer.start())]);
  }

  async drain(): Promise<void> {
    this.#stopping.abort();
    await this.#loop.stop();
    for (const timer of this.#timers) this.replica.clearInterval(timer);
    for (const { consumer, offsets } of [this.#delays, this.#parked]) {
      await offsets.flush();
      await consumer.close();
    }
    await Promise.all([this.#table.close(), this.#ranges.close(), this.#producer.close()]);
  }

  /** One at a time, again and again. */
  #repeat(work: () => Promise<void>, everyMs: number): void {
    const { replica } = this;
    replica.setTimeout(() => {
      if (this.#stopping.signal.aborted) return;
      work().then(
        () => this.#repeat(work, everyMs),
        (error: unknown) => this.world.simulation.reportDefect(error),
      );
    }, everyMs);
  }

  #group(
    log: RecordLog,
    of: { readonly groupId: string; readonly topics: readonly string[] },
    trackers: TrackerTable,
    keeper: Keeper,
  ): { readonly consumer: RecordConsumer; readonly offsets: TrackedOffsets } {
    const consumer = log.consumer(
      { ...of, assigner: 'co-partitioned-sticky', maxWaitMs: 1_000 },
      {
        onBatch: ({ records, ...at }: RecordBatch) => {
          keeper.take(at, records);
          return Promise.resolve();
        },
        onAssigned: async (gained) => {
          await offsets.assign(gained);
        },
        onRevoked: async (lost, reason) => {
          if (reason === 'leaving') await offsets.flush();
          for (const at of lost) keeper.lose(at);
        },
      },
    );
    const offsets = new TrackedOffsets(trackers, consumer, (error) => {
      const isExpected = error instanceof RebalancedError || error instanceof TransientKafkaError;
      if (!isExpected) this.world.simulation.reportDefect(error);
    });
    return { consumer, offsets };
  }

  #configure(record: ConsumedRecord): void {
    const document = decodeConfigDocument(record);
    if (document?.kind === 'subscription') this.#subscriptions.onSubscription(document);
  }

  async #write(record: OutgoingRecord): Promise<Written> {
    try {
      await this.#producer.send(record);
      return { kind: 'written' };
    } catch (error) {
      if (!(error instanceof TransientKafkaError)) this.world.simulation.reportDefect(error);
      return { kind: 'refused', error };
    }
  }
}
