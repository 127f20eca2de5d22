import {
  ClosedError,
  type CommittedOffset,
  type ConsumerHandlers,
  type ConsumerOptions,
  keyOf,
  type LogAdmin,
  type OffsetCommit,
  RebalancedError,
  type RecordConsumer,
  RunningHandlers,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@hookstream/kafka';
import { type ClientContext } from './client-context.js';
import { GroupSession } from './group-session.js';
import { Wake } from './wake.js';

interface Waiter {
  readonly version: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Keeps one session in the group, with the topics that exist of those wanted, for as long as it is open. */
export class SimulatedConsumer implements RecordConsumer {
  readonly #running = new RunningHandlers();
  readonly #paused = new Set<string>();
  readonly #wake: Wake;
  #wanted: readonly string[];
  #wantedVersion = 0;
  #missing = '';
  #session: GroupSession | undefined;
  #closed = false;
  #loop: Promise<void> | undefined;
  #waiters: Waiter[] = [];

  constructor(
    private readonly context: ClientContext,
    private readonly admin: LogAdmin,
    private readonly options: ConsumerOptions,
    private readonly handlers: ConsumerHandlers,
  ) {
    this.#wake = new Wake(context.replica);
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
    this.#wake.notify();
    await this.#loop;
    for (const { reject } of this.#waiters.splice(0))
      reject(new ClosedError('The consumer was closed before it joined'));
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
    for (const partition of partitions) this.#paused.add(keyOf(partition));
    this.#session?.pausesChanged();
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(keyOf(partition));
    this.#session?.pausesChanged();
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
    while (!this.#closed) {
      const version = this.#wantedVersion;
      const topics = this.#existingTopics();
      if (topics.length > 0) {
        await this.#stay(topics, version);
      } else {
        if (this.#wanted.length === 0) this.#tellApplied(version);
        await this.#wake.wait(this.#missingTopicsIntervalMs);
      }
    }
  }

  /** One session, until something other is wanted. */
  async #stay(topics: readonly string[], version: number): Promise<void> {
    const { context, admin, options, handlers } = this;
    const session = new GroupSession(topics, {
      ...context,
      admin,
      options,
      handlers,
      running: this.#running,
      isPaused: (partition) => this.#paused.has(keyOf(partition)),
    });
    this.#session = session;
    let isOpen = false;
    const opened = session.open().then(() => {
      isOpen = true;
      if (!this.#closed) this.#tellApplied(version);
    });
    while (!this.#closed && this.#existingTopics().join() === topics.join()) {
      // Another list that comes to the same.
      if (isOpen) this.#tellApplied(this.#wantedVersion);
      await this.#wake.wait(this.#missingTopicsIntervalMs);
    }
    await session.leave();
    await opened;
    this.#session = undefined;
  }

  /** Known at once, unlike a real cluster's: only how often a client looks is as it would be. */
  #existingTopics(): readonly string[] {
    const wanted = [...new Set(this.#wanted)].sort();
    const missing = wanted.filter((topic) => this.context.cluster.topic(topic) === undefined);
    if (missing.join() !== this.#missing) {
      this.#missing = missing.join();
      this.handlers.onMissingTopics?.(missing);
    }
    return wanted.filter((topic) => !missing.includes(topic));
  }

  get #missingTopicsIntervalMs(): number {
    return this.options.missingTopicsIntervalMs ?? 10_000;
  }
}
