import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, type Consumer, type ConsumerGroupJoinEvent } from 'kafkajs';
import { messageOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { ClosedError } from '../errors.js';
import {
  type ConsumerHandlers,
  type ConsumerOptions,
  type LogAdmin,
  type Logger,
  type OffsetCommit,
  type TopicPartition,
  type TopicPartitionOffset,
  YIELD_WITHIN_MS,
} from '../ports.js';
import { within } from '../signal.js';
import { adaptBrokers } from './adapt-brokers.js';
import { awaitBeforeJoining } from './before-joining.js';
import { BatchHandover } from './batch-handover.js';
import { Membership, type MembershipChange } from './membership.js';
import { OffsetCommitter } from './offset-committer.js';
import { PartitionFlow } from './partition-flow.js';
import { type PartitionIntake } from './partition-intake.js';
import { type RunningHandlers } from './running-handlers.js';
import { skipEmptyPartitions } from './skip-empty-partitions.js';
import { beginnings, startPositions } from './start-positions.js';
import { stickyAssigner } from './sticky-assigner.js';
import { type TopicWatch } from './topic-watch.js';

const MIB = 1024 * 1024;
/** Longer than any broker restart: as long as kafkajs tries, the membership and its partitions are kept. */
const RIDE_OUT_RETRIES = 120;
const STOP_WITHIN_MS = 10_000;
const PREPARE_AGAIN_MS = 1_000;

export interface SessionContext {
  readonly clients: KafkaClients;
  readonly admin: LogAdmin;
  readonly options: ConsumerOptions;
  readonly handlers: ConsumerHandlers;
  readonly logger: Logger;
  readonly running: RunningHandlers;
  readonly isPaused: (partition: TopicPartition) => boolean;
  readonly onEnded: (error: Error) => void;
  readonly watch: TopicWatch;
  /** Topics that were made anew: what is committed of them was of their predecessors. Taken out where that is put right. */
  readonly anew: Set<string>;
  /** Topics that were missing: whatever is in them came later than any wish to read them, so nothing is skipped. */
  readonly cameLater: ReadonlySet<string>;
}

/** One stay in the group with one list of topics: from joining to leaving or losing the group. */
export class ConsumerSession {
  readonly membership = new Membership();
  readonly #consumer: Consumer;
  #cluster: Cluster | undefined;
  readonly #flow: PartitionFlow;
  readonly #committer: OffsetCommitter;
  readonly #handover: BatchHandover;
  #assignedAtMs = 0;
  #state: 'open' | 'leaving' | 'ended' = 'open';
  #firstJoin: (() => void) | undefined;
  /** Announcements to the handlers, one after the other. */
  #announcing: Promise<void> = Promise.resolve();
  #confirmedSentAt = 0;
  #pacedFrom = 0;
  /** Joins that have taken partitions away, of which the handlers have not heard yet. */
  #untoldLosses = 0;
  #discarding: Promise<void> | undefined;
  /** What has to be done before the group is joined anew. */
  #yielding: Promise<void> = Promise.resolve();

  constructor(
    readonly topics: readonly string[],
    readonly context: SessionContext,
  ) {
    const { clients, options, isPaused } = context;
    const assigner = stickyAssigner({ coPartitioned: options.assigner === 'co-partitioned-sticky' }, () => ({
      partitions: this.membership.intakes(),
      assignedAtMs: this.#assignedAtMs,
    }));
    this.#consumer = clients.kafka().consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs ?? 6_000,
      heartbeatInterval: options.heartbeatIntervalMs ?? 1_000,
      rebalanceTimeout: options.rebalanceTimeoutMs ?? 10_000,
      maxWaitTimeInMs: options.maxWaitMs ?? 250,
      maxBytesPerPartition: this.#partitionBytes,
      maxBytes: options.maxBytes ?? 8 * MIB,
      readUncommitted: options.readUncommitted ?? false,
      allowAutoTopicCreation: false,
      partitionAssigners: [
        (config) => {
          this.#cluster = config.cluster;
          adaptBrokers(config.cluster, (broker) => {
            skipEmptyPartitions(broker);
            awaitBeforeJoining(broker, () => within(YIELD_WITHIN_MS, this.#yielding));
          });
          return assigner(config);
        },
      ],
      // A crashed consumer is replaced by a new session, never restarted in place: one way back, ours.
      retry: { ...clients.retry, retries: RIDE_OUT_RETRIES, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#flow = new PartitionFlow(this.#consumer, isPaused);
    this.#committer = new OffsetCommitter(this.#consumer, this.membership);
    const { detachAfterMs = 100 } = options;
    this.#handover = new BatchHandover({
      membership: this.membership,
      flow: this.#flow,
      handlers: context.handlers,
      running: context.running,
      logger: context.logger,
      isPaused,
      detachAfterMs: typeof detachAfterMs === 'function' ? detachAfterMs : () => detachAfterMs,
      retryBackoffMs: options.retryBackoffMs ?? 250,
      pace: () => this.#pace(),
    });
    this.#listen();
  }

  /** Resolves after the first join. Rejects where that fails; `discard` then. */
  async open(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    const joined = new Promise<void>((resolve) => (this.#firstJoin = resolve));
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.context.options.partitionsConsumedConcurrently ?? this.#partitionsAtOnce,
      eachBatch: (payload) => {
        this.#committer.learn((offsets) => payload.commitOffsetsIfNecessary(offsets));
        return this.#handover.handOver(payload);
      },
    });
    if (this.#state === 'ended') throw new ClosedError('The group could not be joined');
    await joined;
  }

  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    return this.#committer.commit(offsets);
  }

  /** Fetches the partition or not, after its owner's pauses have changed. */
  applyPause(partition: TopicPartition): void {
    const intake = this.membership.find(partition);
    if (intake !== undefined) this.#flow.apply(intake);
  }

  seek(position: TopicPartitionOffset): void {
    const intake = this.membership.find(position);
    if (intake === undefined) return;
    intake.seek(position.offset);
    this.#flow.seekToPosition(intake);
  }

  /** Takes growing topics in; returns those that were made anew: their partitions are no longer what they were. */
  async look(): Promise<readonly string[]> {
    return this.#cluster === undefined ? [] : this.context.watch.look(this.#cluster, this.topics);
  }

  /** Stops fetching, lets running handlers and `onRevoked` finish and commit, leaves the group. */
  async leave(): Promise<void> {
    if (this.#state === 'open') this.#state = 'leaving';
    for (const intake of this.membership.intakes()) {
      intake.hold('leaving');
      this.#flow.apply(intake);
    }
    await this.context.running.allFinished();
    await this.#announcing;
    const { anew } = this.context;
    // A commit for what was in a former topic would skip as much of the new one.
    await this.#tellRevoked(
      this.membership.intakes().filter(({ topic }) => anew.has(topic)),
      'lost',
    );
    await this.#tellRevoked(
      this.membership.intakes().filter(({ topic }) => !anew.has(topic)),
      'leaving',
    );
    await this.discard();
  }

  /** Stops without a word to the handlers. */
  async discard(): Promise<void> {
    this.#discarding ??= this.#discard();
    await this.#discarding;
  }

  async #discard(): Promise<void> {
    this.#state = 'ended';
    this.#flow.stop();
    this.membership.leave();
    const stopped = within(
      STOP_WITHIN_MS,
      this.#consumer.disconnect().then(() => true),
    );
    if ((await stopped.catch(() => true)) === undefined) {
      this.context.logger.warn('A consumer did not stop in time and is left behind', { topics: this.topics });
    }
  }

  #listen(): void {
    const { events } = this.#consumer;
    const { handlers } = this.context;
    this.#consumer.on(events.GROUP_JOIN, (event) => {
      this.#joined(event);
    });
    this.#consumer.on(events.REQUEST, ({ payload: { apiName, duration, size } }) => {
      // The moment of sending counts: a process that slept meanwhile must not take an old answer for a fresh one.
      if (apiName === 'Heartbeat' || apiName === 'SyncGroup') this.#confirmedSentAt = performance.now() - duration;
      if (apiName !== 'Fetch') return;
      const answeredAt = performance.now();
      // What is behind need not gather any more.
      this.#pacedFrom = size < this.#partitionBytes ? answeredAt : 0;
      handlers.onFetch?.(answeredAt - duration);
    });
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#confirm();
    });
    this.#consumer.on(events.REBALANCING, () => {
      this.#yielding = this.#yield();
    });
    this.#consumer.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      const { topic, partition, firstOffset, lastOffset } = payload;
      const last = Number(lastOffset);
      handlers.onSkipped?.({ topic, partition, firstOffset: Number(firstOffset ?? last), lastOffset: last });
    });
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#crashed(payload.error);
    });
  }

  async #yield(): Promise<void> {
    try {
      await this.context.handlers.onRebalancing?.();
    } catch (error) {
      this.context.logger.error('The handler of a rebalance has thrown', { error: messageOf(error) });
    }
  }

  get #partitionsAtOnce(): number {
    return this.context.options.fetchEveryMs === undefined ? 4 : 64;
  }

  get #partitionBytes(): number {
    return this.context.options.maxBytesPerPartition ?? MIB;
  }

  #pace(): Promise<unknown> {
    const waitMs = this.#pacedFrom + (this.context.options.fetchEveryMs ?? 0) - performance.now();
    return waitMs > 0 ? sleep(waitMs) : Promise.resolve();
  }

  /** Synchronous up to the announcement: kafkajs begins to fetch right after. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const change = this.membership.join(payload.memberId, assigned);
    this.#assignedAtMs = Date.now();
    for (const intake of change.gained) intake.hold(this.#state === 'open' ? 'being-assigned' : 'leaving');
    for (const intake of this.membership.intakes()) this.#flow.apply(intake);
    // kafkajs goes back to the committed offsets, also where nobody else has read in between.
    for (const intake of change.kept) this.#flow.seekToPosition(intake);
    if (change.lost.length > 0) this.#untoldLosses += 1;
    this.#confirm();
    if (this.#state === 'open') this.#announcing = this.#announcing.then(() => this.#announce(change));
    this.#firstJoin?.();
  }

  /**
   * Not before the owner knows what he has lost: a process that was expelled while it was stopped would take the
   * confirmation of its new membership for one of the old, and go on with partitions that are others' now.
   */
  #confirm(): void {
    if (this.#untoldLosses === 0) this.context.handlers.onHeartbeat?.(this.#confirmedSentAt);
  }

  #crashed(error: Error): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#flow.stop();
    const lost = this.membership.leave();
    this.#firstJoin?.();
    this.#announcing = this.#announcing
      .then(() => this.#tellRevoked(lost, 'lost'))
      .then(() => {
        this.context.onEnded(error);
      });
  }

  async #announce({ lost, gained }: MembershipChange): Promise<void> {
    await this.#tellRevoked(lost, 'lost');
    if (lost.length > 0) {
      this.#untoldLosses -= 1;
      this.#confirm();
    }
    for (;;) {
      const current = gained.filter((intake) => this.membership.holds(intake));
      if (current.length === 0 || this.#state !== 'open') return;
      try {
        await this.#prepare(current);
        return;
      } catch (error) {
        this.context.logger.warn('New partitions are not ready, trying again', { error: messageOf(error) });
        await sleep(PREPARE_AGAIN_MS);
      }
    }
  }

  async #prepare(gained: readonly PartitionIntake[]): Promise<void> {
    const { admin, options, handlers, running, anew, cameLater } = this.context;
    const { startAt = 'earliest' } = options;
    await Promise.all(gained.map((intake) => running.finished(intake)));
    const known = gained.filter(({ topic }) => !anew.has(topic));
    const starts = [
      ...(await startPositions(admin, options.groupId, known, (at) => {
        if (cameLater.has(at.topic)) return 'earliest';
        return typeof startAt === 'function' ? startAt(at) : startAt;
      })),
      ...(await beginnings(
        admin,
        gained.filter(({ topic }) => anew.has(topic)),
      )),
    ];
    for (const start of starts) this.seek(start);
    await this.commit(starts);
    for (const { topic } of gained) anew.delete(topic);
    const partitions = gained.map(({ topic, partition }) => ({ topic, partition }));
    for (const intake of gained) intake.announced = true;
    await handlers.onAssigned?.(partitions);
    for (const intake of gained) {
      intake.release('being-assigned');
      if (this.membership.holds(intake)) this.#flow.apply(intake);
    }
  }

  async #tellRevoked(lost: readonly PartitionIntake[], reason: 'leaving' | 'lost'): Promise<void> {
    const known = lost.filter(({ announced }) => announced).map(({ topic, partition }) => ({ topic, partition }));
    if (known.length === 0) return;
    try {
      await this.context.handlers.onRevoked?.(known, reason);
    } catch (error) {
      this.context.logger.error('The handler of revoked partitions has thrown', { error: messageOf(error) });
    }
  }
}
