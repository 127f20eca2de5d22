import { type OutgoingRecord } from '@hookstream/contracts';
import { Intake, Lanes, type OwnedPartition, TrackedOffsets, TrackerTable } from '@hookstream/engine';
import {
  type ConsumerHandlers,
  RebalancedError,
  type RecordConsumer,
  type RecordProducer,
  TransientKafkaError,
} from '@hookstream/kafka';
import { type Timer } from '../../clock/clock.js';
import { type Program } from '../../replica/deployment.js';
import { type Replica } from '../../replica/replica.js';
import { untilClosed } from '../until-closed.js';
import { type EngineWorld } from './engine-world.js';
import { decodeWork, DELIVERIES, encodeOutcome, encodeWork, type WorkItem } from './work-record.js';

const COMMIT_INTERVAL_MS = 200;
const FENCE_MS = 3_000;
const RETRY_EFFECT_MS = 250;
const MAX_ATTEMPTS = 3;

/** Small, so that every bound is met within seconds. */
const LANE_LIMITS = { laneRecords: 8, laneBytes: 1_000_000, inFlight: 24, unsettled: 40, bytes: 100_000 };
const INTAKE_LIMITS = { heldRecords: 12, heldBytes: 50_000 };
const TRACKER_LIMITS = { window: 128, handledKeys: 5_000 };
const LANE_CONCURRENCY = 4;

/** The dispatcher's wiring around the real engine, with endpoints, log and time given. */
export function worker(world: EngineWorld): Program {
  return async (replica, log) => {
    const running = new Worker(world, replica, log.producer());
    const consumer = log.consumer(
      { groupId: 'dispatcher', topics: [DELIVERIES], assigner: 'co-partitioned-sticky' },
      running.handlers,
    );
    running.startOn(consumer);
    replica.onTerminate(() => running.drain(consumer));
    await untilClosed(consumer.start());
  };
}

class Worker {
  readonly handlers: ConsumerHandlers;
  readonly #trackers = new TrackerTable(TRACKER_LIMITS);
  readonly #lanes = new Lanes<WorkItem>({ admits: ({ inFlight }) => inFlight < LANE_CONCURRENCY }, LANE_LIMITS);
  readonly #intake: Intake<WorkItem>;
  readonly #offsets: TrackedOffsets;
  readonly #stays = new Map<OwnedPartition, number>();
  #consumer: RecordConsumer | undefined;
  #commits: Timer | undefined;
  #heartbeatAtMs = -Infinity;
  #stopped = false;
  #whenIdle: (() => void) | undefined;

  constructor(
    private readonly world: EngineWorld,
    private readonly replica: Replica,
    private readonly producer: RecordProducer,
  ) {
    this.#intake = new Intake(
      this.#trackers,
      this.#lanes,
      {
        decode: decodeWork,
        pause: (at) => this.#consumer?.pause([at]),
        resume: (at) => this.#consumer?.resume([at]),
        // Nothing is diverted here: whatever comes waits for its turn.
        stays: () => true,
        divert: () => undefined,
        now: () => replica.now(),
      },
      INTAKE_LIMITS,
    );
    const group = {
      commit: (due: Parameters<RecordConsumer['commit']>[0]) => this.#member().commit(due),
      committed: (topics: readonly string[]) => this.#member().committed(topics),
    };
    this.#offsets = new TrackedOffsets(this.#trackers, group, (error) => {
      const isExpected = error instanceof RebalancedError || error instanceof TransientKafkaError;
      if (!isExpected) world.simulation.reportDefect(error);
    });
    this.handlers = {
      onBatch: (batch) => {
        this.#intake.accept(batch);
        this.#pump();
        return Promise.resolve();
      },
      onSkipped: (range) => {
        this.#intake.skip(range);
      },
      onAssigned: async (gained) => {
        await this.#offsets.assign(gained);
      },
      onRevoked: async (lost, reason) => {
        if (reason === 'leaving') await this.#offsets.flush();
        for (const at of lost) {
          const owner = this.#trackers.revoke(at);
          if (owner) this.#intake.drop(owner);
        }
        this.#pump();
      },
      onHeartbeat: (sentAtMs) => {
        this.#heartbeatAtMs = Math.max(this.#heartbeatAtMs, sentAtMs);
        this.#pump();
      },
    };
  }

  startOn(consumer: RecordConsumer): void {
    this.#consumer = consumer;
    this.#commits = this.replica.setInterval(() => {
      this.#offsets.tick();
    }, COMMIT_INTERVAL_MS);
  }

  /** SIGTERM: starts nothing more, finishes what runs, commits, leaves. */
  async drain(consumer: RecordConsumer): Promise<void> {
    this.#stopped = true;
    if (this.#lanes.unsettled > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    this.replica.clearInterval(this.#commits);
    await this.#offsets.flush();
    await consumer.close();
    await this.producer.close();
  }

  #member(): RecordConsumer {
    if (this.#consumer === undefined) throw new Error('The worker has not been started');
    return this.#consumer;
  }

  #mayStart(): boolean {
    return !this.#stopped && this.replica.performanceNow() - this.#heartbeatAtMs < FENCE_MS;
  }

  #pump(): void {
    while (this.#mayStart()) {
      const item = this.#lanes.next();
      if (item === undefined) return;
      this.#intake.started(item.lane);
      this.#run(item).catch((error: unknown) => {
        this.world.simulation.reportDefect(error);
      });
    }
  }

  async #run(item: WorkItem): Promise<void> {
    const { simulation, ownership, endpoints } = this.world;
    simulation.check(() => {
      ownership.starts(this.replica.name, item.owner);
    });
    const accepted = await endpoints.request(this.replica, item.work, this.#stayOf(item.owner));
    this.#lanes.responded(item);
    this.#pump();
    await this.#write(item, accepted);
    item.owner.tracker.finish(item.offset);
    this.#lanes.settled(item);
    this.#intake.settled();
    this.#pump();
    if (this.#lanes.unsettled === 0) this.#whenIdle?.();
  }

  /** The follow-up acknowledged, then the report acknowledged: only then is the record finished. */
  async #write({ work, record, owner }: WorkItem, accepted: boolean): Promise<void> {
    const again = !accepted && work.attempt < MAX_ATTEMPTS;
    if (again && !owner.lost) await this.#untilAcknowledged(encodeWork({ ...work, attempt: work.attempt + 1 }), owner);
    const state = accepted ? 'delivered' : again ? 'retrying' : 'exhausted';
    await this.#untilAcknowledged(encodeOutcome(work, state, record), owner);
  }

  async #untilAcknowledged(record: OutgoingRecord, owner: OwnedPartition): Promise<void> {
    for (;;) {
      try {
        await this.producer.send(record);
        return;
      } catch (error) {
        if (!(error instanceof TransientKafkaError)) throw error;
        if (owner.lost) return;
      }
      await this.replica.sleep(RETRY_EFFECT_MS);
    }
  }

  /** Which stay with which partition it is: the same partition gained again is another. */
  #stayOf(owner: OwnedPartition): string {
    const stay = this.#stays.get(owner) ?? this.#stays.size;
    this.#stays.set(owner, stay);
    return `${this.replica.name}/${stay}`;
  }
}
