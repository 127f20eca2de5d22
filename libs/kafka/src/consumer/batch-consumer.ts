import { messageOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { ClosedError, RebalancedError } from '../errors.js';
import {
  type CommittedOffset,
  type ConsumerHandlers,
  type ConsumerOptions,
  type LogAdmin,
  type Logger,
  type OffsetCommit,
  type RecordConsumer,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../ports.js';
import { Signal } from '../signal.js';
import { keyOf } from '../topic-partitions.js';
import { ConsumerSession } from './consumer-session.js';
import { RunningHandlers } from './running-handlers.js';
import { TopicWatch } from './topic-watch.js';

/** A topic that is deleted holds up what else is fetched until it is noticed: kafkajs tries to go on with it. */
const TOPICS_INTERVAL_MS = 3_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 2_000;

interface Waiter {
  readonly version: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Keeps one session in the group, with the topics that exist of those wanted, for as long as it is open. */
export class BatchConsumer implements RecordConsumer {
  readonly #running = new RunningHandlers();
  readonly #paused = new Set<string>();
  readonly #wake = new Signal();
  readonly #watch = new TopicWatch();
  readonly #anew = new Set<string>();
  readonly #cameLater = new Set<string>();
  #wanted: readonly string[];
  #wantedVersion = 0;
  #missing = '';
  #session: ConsumerSession | undefined;
  #lost: Error | undefined;
  #closed = false;
  #tellClosing: () => void = () => undefined;
  readonly #closing = new Promise<void>((resolve) => (this.#tellClosing = resolve));
  #loop: Promise<void> | undefined;
  #waiters: Waiter[] = [];

  constructor(
    readonly clients: KafkaClients,
    readonly admin: LogAdmin,
    readonly logger: Logger,
    readonly options: ConsumerOptions,
    readonly handlers: ConsumerHandlers,
  ) {
    this.#wanted = [...options.topics];
  }

  start(): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError('The consumer is closed'));
    const joined = this.#applied();
    this.#loop ??= this.#run();
    return joined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#tellClosing();
    this.#wake.notify();
    await this.#loop;
    for (const { reject } of this.#waiters.splice(0))
      reject(new ClosedError('The consumer was closed before it joined'));
    await this.admin.close();
  }

  setTopics(topics: readonly string[]): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError('The consumer is closed'));
    this.#wanted = [...topics];
    this.#wantedVersion += 1;
    const applied = this.#applied();
    this.#wake.notify();
    return applied;
  }

  assignments(): readonly TopicPartition[] {
    return (this.#session?.membership.intakes() ?? []).map(({ topic, partition }) => ({ topic, partition }));
  }

  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    if (this.#session === undefined) throw new RebalancedError('The consumer is not in the group');
    await this.#session.commit(offsets);
  }

  committed(topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    return this.admin.committed(this.options.groupId, topics);
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#paused.add(keyOf(partition));
      this.#session?.applyPause(partition);
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#paused.delete(keyOf(partition));
      this.#session?.applyPause(partition);
    }
  }

  seek(position: TopicPartitionOffset): void {
    this.#session?.seek(position);
  }

  #applied(): Promise<void> {
    const version = this.#wantedVersion;
    return new Promise((resolve, reject) => this.#waiters.push({ version, resolve, reject }));
  }

  #tellApplied(version: number): void {
    const applied = this.#waiters.filter((waiter) => waiter.version <= version);
    this.#waiters = this.#waiters.filter((waiter) => waiter.version > version);
    for (const { resolve } of applied) resolve();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closed;) {
      const version = this.#wantedVersion;
      try {
        const topics = await this.#existingTopics();
        if (topics.length === 0) {
          if (this.#wanted.length === 0) this.#tellApplied(version);
          await this.#wake.wait(this.#missingTopicsIntervalMs);
          continue;
        }
        const lost = await this.#stay(topics, version);
        failures = 0;
        if (lost !== undefined) await this.#backOff(lost, failures++);
      } catch (error) {
        if (!this.#closed) await this.#backOff(error, failures++);
      }
    }
  }

  async #backOff(error: unknown, failures: number): Promise<void> {
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS);
    const { groupId } = this.options;
    this.logger.warn('Not in the consumer group, joining again', { groupId, backoffMs, error: messageOf(error) });
    this.handlers.onCrash?.(error instanceof Error ? error : new Error(String(error)));
    await this.#wake.wait(backoffMs);
  }

  /** One session, until something other is wanted; returns the error by which the group was lost, if it was. Throws where it cannot be joined. */
  async #stay(topics: readonly string[], version: number): Promise<Error | undefined> {
    this.#lost = undefined;
    const session = new ConsumerSession(topics, {
      clients: this.clients,
      admin: this.admin,
      options: this.options,
      handlers: this.handlers,
      logger: this.logger,
      running: this.#running,
      isPaused: (partition) => this.#paused.has(keyOf(partition)),
      onEnded: (error) => {
        this.#lost = error;
        this.#wake.notify();
      },
      watch: this.#watch,
      anew: this.#anew,
      cameLater: this.#cameLater,
    });
    this.#session = session;
    try {
      await Promise.race([session.open(), this.#closing]);
      if (this.#closed) return undefined;
      this.#tellApplied(version);
      await this.#untilOtherwise(session);
      if (this.#lost === undefined) await session.leave();
      return this.#lost;
    } finally {
      await session.discard();
      this.#session = undefined;
    }
  }

  async #untilOtherwise(session: ConsumerSession): Promise<void> {
    const { topics } = session;
    for (;;) {
      if (this.#lost !== undefined || this.#closed) return;
      const version = this.#wantedVersion;
      const existing = await this.#existingTopics().catch(() => topics);
      if (existing.join() !== topics.join()) return;
      const anew = await session.look().catch(() => []);
      for (const topic of anew) this.#anew.add(topic);
      if (anew.length > 0) {
        this.logger.warn('Topics were made anew, reading them from their beginning', { topics: anew });
        return;
      }
      this.#tellApplied(version);
      await this.#wake.wait(this.#missingTopicsIntervalMs);
    }
  }

  async #existingTopics(): Promise<readonly string[]> {
    const present = new Set(this.#wanted.length === 0 ? [] : await this.admin.listTopics());
    const wanted = [...new Set(this.#wanted)].sort();
    const missing = wanted.filter((topic) => !present.has(topic));
    for (const topic of missing) {
      this.#watch.forget(topic);
      this.#cameLater.add(topic);
    }
    if (missing.join() !== this.#missing) {
      this.#missing = missing.join();
      if (missing.length > 0)
        this.logger.warn('Topics to read are missing', { groupId: this.options.groupId, topics: missing });
      this.handlers.onMissingTopics?.(missing);
    }
    return wanted.filter((topic) => present.has(topic));
  }

  get #missingTopicsIntervalMs(): number {
    return this.options.missingTopicsIntervalMs ?? TOPICS_INTERVAL_MS;
  }
}
