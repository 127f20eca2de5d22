import {
  ClosedError,
  type CommittedOffset,
  type ConsumerHandlers,
  type ConsumerOptions,
  type OffsetCommit,
  type RecordBatch,
  type RecordConsumer,
  type RecordLog,
  type RevocationReason,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@hookstream/kafka';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { messageOf } from '../failure.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Metrics } from '../metrics/metrics.js';
import { batchMetricsOf, type BatchMetrics } from './batch-metrics.js';
import { Membership } from './membership.js';
import { OffsetCommitter } from './offset-committer.js';
import { TopicRoutes, type PatternTopics } from './topic-routes.js';

export interface BatchTransportOptions extends Omit<ConsumerOptions, 'topics'> {
  /** For logs and the readiness check; default: the group id. */
  readonly name?: string;
  /** Each topic belongs to one pattern; each pattern needs one `@BatchPattern` handler. May be empty lists at first. */
  readonly topics: PatternTopics;
  /**
   * `after-handler`: when the handler has resolved, the offset after its batch is committed.
   * `manual`: the owner calls `commit`.
   */
  readonly commit: 'after-handler' | 'manual';
  /** Told about assignment, revocation, heartbeats and fetches; see `ConsumerHandlers`. */
  readonly listener?: Omit<ConsumerHandlers, 'onBatch'>;
}

export interface BatchTransportParts {
  readonly log: Pick<RecordLog, 'consumer'>;
  readonly logger: ServiceLogger;
  readonly metrics: Metrics;
}

const HEARTBEAT_TIMEOUT_MS = 10_000;
const REJOIN_MS = 5_000;

/** Nest's host for one consumer group: hands each batch of records to its handler and awaits it. */
export class BatchTransport extends Server implements CustomTransportStrategy {
  /** A failing handler is told to the consumer, which hands its batch again: Nest need not log it as lost. */
  override readonly propagatesEventHandlerErrors = true;
  readonly name: string;
  readonly #log: ServiceLogger;
  readonly #metrics: BatchMetrics;
  readonly #routes: TopicRoutes;
  readonly #membership = new Membership(HEARTBEAT_TIMEOUT_MS);
  readonly #busy = new Set<string>();
  #member: { readonly consumer: RecordConsumer; readonly committer: OffsetCommitter } | undefined;
  #listening = false;
  #stopping = false;
  #changes: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(
    readonly options: BatchTransportOptions,
    readonly parts: BatchTransportParts,
  ) {
    super();
    this.name = options.name ?? options.groupId;
    this.#log = parts.logger.child({ group: options.groupId });
    this.#metrics = batchMetricsOf(parts.metrics);
    this.#routes = new TopicRoutes(options.topics);
  }

  /** Joins the group in the background, for ever; calls back at once. Readiness tells when it has joined. */
  listen(callback: () => void): void {
    this.#listening = true;
    this.#join();
    callback();
  }

  /** @throws Error when a pattern has no `@BatchPattern` handler: told at the start, not at the first record */
  assertHandled(): void {
    const missing = this.#routes.patterns().filter((pattern) => !this.getHandlerByPattern(pattern));
    if (missing.length > 0) throw new Error(`${this.name}: no @BatchPattern handler for ${missing.join(', ')}`);
  }

  /**
   * Replaces the topics of one pattern; leaves and rejoins the group if they differ.
   * @throws Error when the pattern is not of this transport or a topic belongs to another one
   */
  setTopics(pattern: string, topics: readonly string[]): Promise<void> {
    if (!this.#routes.replace(pattern, topics) || !this.#listening) return Promise.resolve();
    const change = this.#changes.then(() => this.#applyTopics());
    // The chain goes on whatever comes of one change: its caller is told.
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /** `true`, or why not: not joined, topics missing, crashed, no heartbeat. */
  readiness(): true | string {
    return this.#listening ? this.#membership.readiness() : 'waits for what it depends on';
  }

  assignments(): readonly TopicPartition[] {
    return this.#member?.consumer.assignments() ?? [];
  }

  /** Rejects with `RebalancedError` when this member no longer owns a partition: that may be ignored. */
  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    await this.#consumer().commit(offsets);
  }

  async committed(topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    return this.#consumer().committed(topics);
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#member?.consumer.pause(partitions);
  }

  /** Ignored once the transport stops. */
  resume(partitions: readonly TopicPartition[]): void {
    if (!this.#stopping) this.#member?.consumer.resume(partitions);
  }

  seek(position: TopicPartitionOffset): void {
    this.#member?.consumer.seek(position);
  }

  /** Hands over nothing more, in this and in later assignments; handlers under way go on. First step of a shutdown. */
  stopFetching(): void {
    this.#stopping = true;
    this.#membership.stopping();
    this.pause(this.assignments());
  }

  /** Stops fetching, awaits the handlers and `onRevoked(…, 'leaving')`, leaves the group. Repeated calls share one leave. */
  close(): Promise<void> {
    this.stopFetching();
    this.#closed ??= this.#changes.then(() => this.#member?.consumer.close());
    return this.#closed;
  }

  on(): never {
    throw new Error('a batch transport emits no events');
  }

  unwrap<T>(): T {
    throw new Error('a batch transport wraps nothing');
  }

  #consumer(): RecordConsumer {
    if (!this.#member) throw new ClosedError(`${this.name} has no consumer yet`);
    return this.#member.consumer;
  }

  async #applyTopics(): Promise<void> {
    if (this.#stopping) return;
    const topics = this.#routes.topics();
    this.#log.info('topics changed', { topics });
    if (topics.length > 0 && this.#member) return this.#member.consumer.setTopics(topics);
    if (topics.length > 0) return this.#join();
    await this.#member?.consumer.close();
    this.#member = undefined;
    this.#membership.idle();
  }

  #join(): void {
    const topics = this.#routes.topics();
    if (topics.length === 0 || this.#stopping) return;
    const { commit, listener, topics: patterns, name, ...consumerOptions } = this.options;
    const consumer = this.parts.log.consumer({ ...consumerOptions, topics }, this.#handlers());
    this.#member = { consumer, committer: new OffsetCommitter(consumer, this.#log) };
    this.#membership.joining();
    consumer.start().then(
      () => {
        this.#membership.confirmed();
        this.#log.info('joined the consumer group', { topics });
      },
      (error: unknown) => this.#joinRefused(consumer, error),
    );
  }

  /** The broker said no for good (such as: no permission). That may be put right while we wait. */
  #joinRefused(consumer: RecordConsumer, error: unknown): void {
    if (this.#stopping || error instanceof ClosedError) return;
    this.#membership.crashed(messageOf(error));
    this.#log.error('cannot join the consumer group', { error, retryInMs: REJOIN_MS });
    setTimeout(() => {
      if (this.#stopping || this.#member?.consumer !== consumer) return;
      void consumer.close().catch(() => undefined);
      this.#join();
    }, REJOIN_MS).unref();
  }

  #handlers(): ConsumerHandlers {
    const { listener } = this.options;
    return {
      onBatch: (batch) => this.#handle(batch),
      onAssigned: (gained) => this.#assigned(gained),
      onRevoked: (lost, reason) => this.#revoked(lost, reason),
      onRebalancing: () => listener?.onRebalancing?.(),
      onHeartbeat: (sentAtMs) => {
        this.#membership.confirmed(sentAtMs);
        this.#member?.committer.retry();
        listener?.onHeartbeat?.(sentAtMs);
      },
      onFetch: (sentAtMs) => listener?.onFetch?.(sentAtMs),
      onSkipped: (range) => {
        if (!this.#busy.has(`${range.topic}:${range.partition}`)) this.#done(range);
        listener?.onSkipped?.(range);
      },
      onCrash: (error) => {
        this.#membership.crashed(error.message);
        this.#log.warn('lost the consumer group, rejoining', { error });
        listener?.onCrash?.(error);
      },
      onMissingTopics: (topics) => {
        this.#membership.missing(topics);
        if (topics.length > 0) this.#log.warn('topics are missing', { topics });
        listener?.onMissingTopics?.(topics);
      },
    };
  }

  async #handle(batch: RecordBatch): Promise<void> {
    const { topic, partition } = batch;
    // Not `getHandlerByPattern`: it tries to parse the pattern as JSON and throws, once per batch.
    const handler = this.messageHandlers.get(this.#routes.patternOf(topic) ?? '');
    // A topic that was just taken away: its records stay uncommitted for whoever reads it next.
    if (!handler) throw new Error(`no handler for topic "${topic}"`);
    const key = `${topic}:${partition}`;
    const startedAt = performance.now();
    this.#busy.add(key);
    try {
      const result: unknown = await handler(batch);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    } catch (error) {
      this.#metrics.failed(this.options.groupId, topic);
      const { firstOffset, records } = batch;
      this.#log.warn('batch failed, will be handed again', {
        error,
        topic,
        partition,
        firstOffset,
        records: records.length,
      });
      throw error;
    } finally {
      this.#busy.delete(key);
    }
    this.#metrics.handled(this.options.groupId, batch, performance.now() - startedAt);
    this.#done(batch);
  }

  #done({ topic, partition, lastOffset }: TopicPartition & { readonly lastOffset: number }): void {
    if (this.options.commit === 'manual') return;
    this.#member?.committer.done({ topic, partition, offset: lastOffset + 1 });
  }

  async #assigned(gained: readonly TopicPartition[]): Promise<void> {
    this.#membership.confirmed();
    await this.options.listener?.onAssigned?.(gained);
    if (this.#stopping) this.pause(gained);
  }

  async #revoked(lost: readonly TopicPartition[], reason: RevocationReason): Promise<void> {
    if (reason === 'leaving') await this.#member?.committer.flush();
    this.#member?.committer.forget(lost);
    this.#metrics.revoked(this.options.groupId, lost);
    await this.options.listener?.onRevoked?.(lost, reason);
  }
}
