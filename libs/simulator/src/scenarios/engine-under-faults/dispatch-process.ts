import {
  DEFAULT_ORDERED_LIMITS,
  Dispatcher,
  EffectTooLarge,
  EffectWriter,
  Endpoints,
  Fence,
  limitsOf,
  NewestRuns,
  Ownership,
  RecordHandler,
  Recovery,
  SubscriptionTable,
  TrackedOffsets,
  TrackerTable,
  type EndpointStanding,
  type OrderedLog,
  type OwnedPartition,
} from '@hookstream/engine';
import {
  decodeConfigDocument,
  type ConsumedRecord,
  type Delivery,
  type OutgoingRecord,
  type Topics,
} from '@hookstream/contracts';
import { isId } from '@hookstream/domain';
import {
  partitionOfKey,
  RebalancedError,
  RecordTooLargeError,
  TransientKafkaError,
  type RecordConsumer,
  type RecordLog,
  type TopicPartition,
} from '@hookstream/kafka';
import { type Program } from '../../replica/deployment.js';
import { type Replica } from '../../replica/replica.js';
import { untilClosed } from '../until-closed.js';
import { type EngineWorld } from './engine-world.js';
import { quietObserver } from './quiet-observer.js';

const COMMIT_INTERVAL_MS = 200;
const TICK_MS = 100;

/** Small, so that every bound is met within seconds. */
const LANE_LIMITS = { laneRecords: 8, laneBytes: 1_000_000, inFlight: 24, unsettled: 40, bytes: 100_000 };
const INTAKE_LIMITS = { heldRecords: 12, heldBytes: 50_000 };
const TRACKER_WINDOW = 128;
/** What waits in order goes to `fifo.hold` soon, is read again from there, and is written anew there after some dozen others. */
const ORDERED_LIMITS = {
  ...DEFAULT_ORDERED_LIMITS,
  payloadBytes: 10_000,
  queueRecords: 6,
  readAhead: 3,
  movingRecords: 16,
  maxWaitMs: 1_000,
  rotateFrom: 40,
  holdWindow: 8 * TRACKER_WINDOW,
};

/** The dispatcher's parts as the service puts them together, with receivers, log and time given. */
export function dispatchProcess(world: EngineWorld): Program {
  return async (replica, log) => {
    const running = new DispatchProcess(world, replica, log);
    replica.onTerminate(() => running.drain());
    await running.start();
  };
}

class DispatchProcess {
  readonly #trackers = new TrackerTable({
    window: TRACKER_WINDOW,
    windowOf: (topic) => (topic === this.world.topics.fifoHold ? ORDERED_LIMITS.holdWindow : undefined),
    handledKeys: 5_000,
  });
  readonly #subscriptions = new SubscriptionTable({ open: () => Buffer.alloc(32) });
  readonly #stays = new Map<OwnedPartition, string>();
  readonly #producer;
  readonly #table;
  readonly #dispatcher: Dispatcher;
  readonly #offsets: TrackedOffsets;
  readonly #ownership: Ownership;
  readonly #consumer: RecordConsumer;
  readonly #runs = new NewestRuns();
  readonly #timers;
  #incomplete = 0;

  constructor(
    private readonly world: EngineWorld,
    private readonly replica: Replica,
    log: RecordLog,
  ) {
    const { simulation, topics } = world;
    const now = () => replica.now();
    this.#producer = log.producer();
    this.#table = log.table({
      topic: topics.config,
      maxWaitMs: 1_000,
      onRecord: (_, record) => this.#configure(record),
    });
    const fence = new Fence(
      () => this.#table.lastFetchCompletedAt(),
      () => replica.performanceNow(),
    );
    const observer = quietObserver((error) => simulation.reportDefect(error));
    const endpoints = new Endpoints({
      limits: (id) => limitsOf(this.#subscriptions.get(id)),
      restore: () => undefined,
      tell: (id, standing) => this.#tell(id, standing),
      workShare: () => 0,
      slowPlaces: LANE_LIMITS.inFlight / 2,
      now,
    });
    this.#dispatcher = new Dispatcher({
      trackers: this.#trackers,
      endpoints,
      observer,
      now,
      handler: new RecordHandler({
        runs: this.#runs,
        topics,
        subscriptions: this.#subscriptions,
        endpoints,
        observer,
        attempts: { prepare: (first, _subscription, _nowMs, others = []) => this.#prepare([first, ...others]) },
        maxEventBytes: 1_000_000,
        now,
        random: () => replica.random.next(),
        mayBlame: () => fence.isOpen(),
      }),
      effects: new EffectWriter({
        publisher: { publish: (record, mayWrite) => this.#publish(record, mayWrite) },
        sleep: (milliseconds) => replica.sleep(milliseconds),
        onRetry: () => undefined,
        isMember: () => fence.isOpen(),
      }),
      flow: { pause: (at) => this.#consumer.pause([at]), resume: (at) => this.#consumer.resume([at]) },
      limits: LANE_LIMITS,
      intakeLimits: INTAKE_LIMITS,
      ordered: orderedLog(log, topics),
      orderedLimits: ORDERED_LIMITS,
      batchOf: (id) => this.#subscriptions.batchOf(id),
      mayStart: () => this.#table.isReady() && fence.isOpen(),
      onFatal: (error) => simulation.reportDefect(error),
    });
    this.#offsets = new TrackedOffsets(
      this.#trackers,
      { commit: (due) => this.#consumer.commit(due), committed: (of) => this.#consumer.committed(of) },
      (error) => {
        const isExpected = error instanceof RebalancedError || error instanceof TransientKafkaError;
        if (!isExpected) simulation.reportDefect(error);
      },
    );
    this.#ownership = new Ownership({
      dispatcher: this.#dispatcher,
      offsets: this.#offsets,
      recovery: this.#recovery(log),
      fence,
      sleep: (milliseconds) => replica.sleep(milliseconds),
    });
    this.#consumer = log.consumer(
      {
        groupId: 'dispatcher',
        topics: [topics.deliveries, topics.deliveriesFifo, topics.fifoHold],
        assigner: 'co-partitioned-sticky',
      },
      {
        onBatch: (batch) => {
          this.#dispatcher.accept(batch);
          return Promise.resolve();
        },
        onAssigned: (gained) => this.#assigned(gained),
        onRevoked: (lost, reason) => this.#ownership.revoked(lost, reason),
        onRebalancing: () => this.#ownership.rebalancing(),
        onHeartbeat: (sentAtMs) => this.#ownership.heartbeat(sentAtMs),
        onSkipped: (range) => this.#dispatcher.skip(range),
      },
    );
    this.#timers = [
      replica.setInterval(() => this.#dispatcher.tick(), TICK_MS),
      replica.setInterval(() => this.#offsets.tick(), COMMIT_INTERVAL_MS),
    ];
  }

  async start(): Promise<void> {
    await this.#table.start();
    await untilClosed(this.#table.ready);
    await untilClosed(this.#consumer.start());
  }

  /** SIGTERM: starts nothing more, finishes what runs, commits, leaves. */
  async drain(): Promise<void> {
    this.#consumer.pause(this.#consumer.assignments());
    await this.#dispatcher.drain();
    for (const timer of this.#timers) this.replica.clearInterval(timer);
    await this.#offsets.flush();
    await this.#consumer.close();
    await Promise.all([this.#table.close(), this.#producer.close()]);
  }

  #recovery(log: RecordLog): Recovery {
    const { replica, world } = this;
    const admin = log.admin();
    const ranges = log.ranges();
    const topic = world.topics.attempts;
    return new Recovery(
      { ends: () => admin.endOffsets(topic), read: (range) => ranges.readRange({ topic, ...range }) },
      { recovered: () => undefined, incomplete: () => (this.#incomplete += 1) },
      {
        nowMs: () => replica.performanceNow(),
        abortAfter: (milliseconds) => {
          const controller = new AbortController();
          replica.setTimeout(() => controller.abort(), milliseconds);
          return controller.signal;
        },
      },
      this.#runs,
    );
  }

  async #assigned(gained: readonly TopicPartition[]): Promise<void> {
    const { simulation, topics, ledger } = this.world;
    const incompleteBefore = this.#incomplete;
    const ends = gained.map(
      ({ partition }) => simulation.cluster.partition({ topic: topics.attempts, partition }).endOffset,
    );
    await this.#ownership.assigned(gained);
    const informed = this.#incomplete === incompleteBefore;
    gained.forEach((at, index) => {
      const owner = this.#trackers.get(at);
      if (!owner) return;
      const name = `${this.replica.name}/${this.#stays.size}`;
      this.#stays.set(owner, name);
      ledger.began({ name, partition: at.partition, reportsEnd: ends[index] ?? 0, informed: () => informed });
    });
  }

  /** The retry-scheduler hears of it a little later. */
  #tell(subscription: string, standing: EndpointStanding | undefined): void {
    const { simulation, endpointStates } = this.world;
    if (!isId('sub', subscription)) return;
    const told = standing && {
      ...standing,
      subscription,
      openUntilMs: standing.openUntilMs ?? null,
      holdUntilMs: standing.holdUntilMs ?? null,
      atMs: this.replica.now(),
    };
    simulation.scheduler.after(20, () => {
      if (told) endpointStates.set(subscription, told);
      else endpointStates.delete(subscription);
    });
  }

  #configure(record: ConsumedRecord): void {
    const document = decodeConfigDocument(record);
    if (document?.kind === 'subscription') this.#subscriptions.onSubscription(document);
  }

  #prepare(deliveries: readonly [Delivery, ...Delivery[]]) {
    const { simulation, ownership, policies, receivers, topics, partitions } = this.world;
    const { replica } = this;
    const request = { url: 'https://receiver.example', method: 'POST', headers: {} };
    const at = { topic: topics.deliveries, partition: partitionOfKey(deliveries[0].subscription, partitions) };
    const owner = this.#trackers.get(at);
    const stay = (owner && this.#stays.get(owner)) ?? `${replica.name}/unknown`;
    const send = (mayBegin: () => boolean) => {
      const begins = () => {
        if (!mayBegin()) return false;
        simulation.check(() => {
          for (const delivery of deliveries) {
            ownership.starts(replica.name, at, delivery, replica.now());
            policies.starts(delivery, replica.now());
          }
        });
        return true;
      };
      return receivers.request(replica, deliveries, { stay, begins });
    };
    return { ok: true, request, send } as const;
  }

  async #publish(record: OutgoingRecord, mayWrite?: () => boolean) {
    try {
      return await this.#producer.send(record, mayWrite);
    } catch (error) {
      if (error instanceof RecordTooLargeError) throw new EffectTooLarge(error.message, { cause: error });
      throw error;
    }
  }
}

/** The topics of ordered subscriptions as the dispatcher reads them beside the group. */
function orderedLog(log: RecordLog, topics: Topics): OrderedLog {
  const admin = log.admin();
  const ranges = log.ranges();
  return {
    topics: { source: topics.deliveriesFifo, hold: topics.fifoHold },
    ends: async (topic) => new Map((await admin.endOffsets(topic)).map(({ partition, offset }) => [partition, offset])),
    read: (range, onRecords) => ranges.readRange({ ...range, onRecords }),
    vanished: () => undefined,
  };
}
