import {
  type CommittedOffset,
  type ConsumerHandlers,
  type ConsumerOptions,
  type OffsetCommit,
  type RecordLog,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@hookstream/kafka';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Metrics } from '../metrics/metrics.js';

/** Pattern of a handler → the topics whose batches it gets. */
export type PatternTopics = Readonly<Record<string, readonly string[]>>;

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

/** Nest's host for one consumer group: hands each batch of records to its handler and awaits it. */
export class BatchTransport extends Server implements CustomTransportStrategy {
  constructor(
    readonly options: BatchTransportOptions,
    readonly parts: BatchTransportParts,
  ) {
    super();
  }

  /** Joins the group in the background, for ever; calls back at once. Readiness tells when it has joined. */
  listen(callback: () => void): void {
    callback();
  }

  /** Replaces the topics of one pattern; leaves and rejoins the group if they differ. */
  setTopics(pattern: string, topics: readonly string[]): Promise<void> {
    return Promise.reject(new Error(`not yet ${pattern} ${topics.length}`));
  }

  /** `true`, or why not: not joined, topics missing, crashed, no heartbeat. */
  readiness(): true | string {
    return 'not yet';
  }

  assignments(): readonly TopicPartition[] {
    return [];
  }

  /** Rejects with `RebalancedError` when this member no longer owns a partition: that may be ignored. */
  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    return Promise.reject(new Error(`not yet ${offsets.length}`));
  }

  committed(topics: readonly string[]): Promise<readonly CommittedOffset[]> {
    return Promise.reject(new Error(`not yet ${topics.length}`));
  }

  pause(partitions: readonly TopicPartition[]): void {
    throw new Error(`not yet ${partitions.length}`);
  }

  resume(partitions: readonly TopicPartition[]): void {
    throw new Error(`not yet ${partitions.length}`);
  }

  seek(position: TopicPartitionOffset): void {
    throw new Error(`not yet ${position.offset}`);
  }

  /** Hands over nothing more, in this and in later assignments; handlers under way go on. First step of a shutdown. */
  stopFetching(): void {
    throw new Error('not yet');
  }

  /** Stops fetching, awaits the handlers and `onRevoked(…, 'leaving')`, leaves the group. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  on(): never {
    throw new Error('a batch transport emits no events');
  }

  unwrap<T>(): T {
    throw new Error('a batch transport wraps nothing');
  }
}
