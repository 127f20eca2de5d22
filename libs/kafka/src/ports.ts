import { type ConsumedRecord, type OutgoingRecord } from '@hookstream/contracts';

/** Where this library says what it sees. `pino` fits behind a one-line adapter. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** `offset` is the next one to read, as Kafka means it. `metadata` is at most 4,096 bytes of UTF-8. */
export interface OffsetCommit extends TopicPartitionOffset {
  readonly metadata?: string;
}

/** What the group has stored for a partition. `offset` is undefined where nothing was ever committed. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number | undefined;
  readonly metadata: string;
}

/** Where an acknowledged record lies. `offset` is undefined where the broker's answer does not tell it. */
export interface RecordPosition {
  readonly partition: number;
  readonly offset: number | undefined;
}

/** Writes records; acknowledged means that all in-sync replicas have it. */
export interface RecordProducer {
  /** Connects, retrying for ever while the brokers are away; rejects only when `close` is called meanwhile. Optional: `send` connects too. */
  start(): Promise<void>;
  /**
   * Resolves when the record is acknowledged. Waits for room in the buffer first (back-pressure).
   * Rejects with `RecordTooLargeError`, `TransientKafkaError` (after the delivery timeout) or `KafkaRequestError`.
   *
   * @param mayWrite asked in the very turn in which the record is written, and before each repetition: what lay here while the
   *   process was stopped may not be its to write any more. Where it says no, the record is not written (again) and
   *   `send` rejects with `TransientKafkaError`; of an ordered producer all behind it do too.
   */
  send(record: OutgoingRecord, mayWrite?: () => boolean): Promise<RecordPosition>;
  /** Resolves when all are acknowledged; rejects with the first error after all have settled. */
  sendAll(records: readonly OutgoingRecord[]): Promise<void>;
  /** Sends what lingers and resolves when everything accepted so far has settled. Never rejects. */
  flush(): Promise<void>;
  /** Flushes, then disconnects. Later sends reject. */
  close(): Promise<void>;
}

export interface ProducerOptions {
  /**
   * Keeps the order of records per partition: one send in flight, idempotent producer. When a record is not acknowledged
   * in time, all that were accepted behind it reject with it: who sends them again keeps their order. Default false:
   * several sends in flight, order among them not kept after a retry.
   */
  readonly ordered?: boolean;
  /** How long a record waits for company. Milliseconds, default 3; 0: for what is sent in the same turn of the event loop. */
  readonly lingerMs?: number;
  /** Records of one send. Default 500. */
  readonly maxBatchRecords?: number;
  /** Bytes of one send (keys, values, headers and overhead). A larger record goes alone. Default 900 KiB. */
  readonly maxBatchBytes?: number;
  /** Sends under way at once; 1 when `ordered`. Default 4. */
  readonly maxInFlight?: number;
  /** Bytes accepted and not yet acknowledged; above it `send` waits. Default 32 MiB. */
  readonly maxBufferedBytes?: number;
  /** A record above this rejects at once. Bytes, default 1.5 MiB: must not be above the topics' `max.message.bytes`. */
  readonly maxRecordBytes?: number;
  /** How long retriable errors are retried before a record rejects. Milliseconds, default 30,000. */
  readonly deliveryTimeoutMs?: number;
  readonly compression?: Compression;
  /** Called after each send, for metrics. */
  readonly onProduce?: (info: ProduceInfo) => void;
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface ProduceInfo {
  readonly records: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly retries: number;
  readonly outcome: 'acknowledged' | 'failed';
  /** Bytes still accepted and unacknowledged. */
  readonly bufferedBytes: number;
}

/** Records of one partition in offset order. */
export interface RecordBatch extends TopicPartition {
  /** Never empty. */
  readonly records: readonly ConsumedRecord[];
  /** The offset the next record written to the partition will get, as known at the fetch. */
  readonly highWatermark: number;
  /** First offset of the fetched range: everything from it to `lastOffset` that is not in `records` is a gap and done. */
  readonly firstOffset: number;
  /** Last offset of the fetched range, control records and compacted gaps included. */
  readonly lastOffset: number;
}

/**
 * `leaving`: this consumer is about to leave (close, setTopics); the handler is awaited first, and `commit` still works in it.
 * `lost`: the partitions already belong to someone else; commits for them reject.
 */
export type RevocationReason = 'leaving' | 'lost';

/** A second's pause of the whole group is the most that one member's unfinished work is worth. */
export const YIELD_WITHIN_MS = 1_000;

export interface ConsumerHandlers {
  /**
   * One call at a time per partition, in order. The position advances when it resolves; when it throws, the records are
   * handed again after a back-off while other partitions go on. Commits nothing.
   */
  onBatch(batch: RecordBatch): Promise<void>;
  /** Partitions gained (kept ones are not repeated). Their records are delivered only after this has resolved. */
  onAssigned?(gained: readonly TopicPartition[]): Promise<void> | void;
  onRevoked?(lost: readonly TopicPartition[], reason: RevocationReason): Promise<void> | void;
  /**
   * A rebalance has begun: ownership is in doubt until the next `onHeartbeat`. What it returns is awaited, for at most
   * `YIELD_WITHIN_MS`, before the member gives up what others shall have; commits still count until then.
   */
  onRebalancing?(): Promise<void> | void;
  /**
   * The coordinator has confirmed the membership, and `onRevoked` has been called for all that it no longer covers.
   * `sentAtMs`: when the confirmed request was sent, by `performance.now()`.
   */
  onHeartbeat?(sentAtMs: number): void;
  /** A fetch was answered. `sentAtMs`: when it was sent, by `performance.now()`. */
  onFetch?(sentAtMs: number): void;
  /** The range a fetch skipped because it held only control or aborted records: no `onBatch` comes for it. */
  onSkipped?(range: TopicPartition & { readonly firstOffset: number; readonly lastOffset: number }): void;
  /** The subscription was lost and is being built anew after a back-off. For logs and metrics. */
  onCrash?(error: Error): void;
  /** Topics that do not exist (or may not be seen). Called when the set changes, with the empty list when all are back. */
  onMissingTopics?(topics: readonly string[]): void;
}

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a partition starts that has no committed offset. An offset out of range always goes to the earliest. Default 'earliest'. */
  readonly startAt?: StartAt;
  readonly assigner?: 'co-partitioned-sticky' | 'default';
  /** Milliseconds, default 6,000. */
  readonly sessionTimeoutMs?: number;
  /** Milliseconds, default 1,000. */
  readonly heartbeatIntervalMs?: number;
  /** Milliseconds, default 10,000. */
  readonly rebalanceTimeoutMs?: number;
  /** How long the broker may hold a fetch. Milliseconds, default 250; below 250 an idle broker gets busy. */
  readonly maxWaitMs?: number;
  /** Bytes per partition and fetch, default 1 MiB; a larger record still comes, alone. */
  readonly maxBytesPerPartition?: number;
  /** Bytes per fetch, default 8 MiB. */
  readonly maxBytes?: number;
  /**
   * Least time from one fetch's answer to the next fetch: what comes meanwhile comes together, which costs broker and
   * client less than each record by itself. After an answer as large as `maxBytesPerPartition` the next fetch follows at
   * once. Milliseconds, default 0.
   */
  readonly fetchEveryMs?: number;
  /** Partitions whose `onBatch` may run at once. Default 4; with `fetchEveryMs` 64, all of a fetch as a rule: it paces each. */
  readonly partitionsConsumedConcurrently?: number;
  /**
   * An `onBatch` longer than this lets its partition wait alone instead of holding up the others'. Milliseconds, default
   * 100; by topic where some are expected to take long.
   */
  readonly detachAfterMs?: number | ((topic: string) => number);
  /** First back-off after `onBatch` threw; doubles up to 5 s. Milliseconds, default 250. */
  readonly retryBackoffMs?: number;
  /** Default false: aborted transactions are not seen. */
  readonly readUncommitted?: boolean;
  /** How often it is looked which topics are missing, back, made anew or larger. Milliseconds, default 3,000. */
  readonly missingTopicsIntervalMs?: number;
}

/** A number is an offset. */
export type StartPosition = 'earliest' | 'latest' | number;

/** One position for all, or per partition (a source that starts at a time has it resolved to offsets). */
export type StartAt = StartPosition | ((partition: TopicPartition) => StartPosition);

/** A member of a consumer group that hands over batches and leaves all committing to its owner. */
export interface RecordConsumer {
  /** Joins the group; resolves after the first join, retrying for ever while the brokers or all topics are away. */
  start(): Promise<void>;
  /** Stops fetching, awaits running handlers and `onRevoked(…, 'leaving')`, leaves the group. */
  close(): Promise<void>;
  assignments(): readonly TopicPartition[];
  /** Rejects with `RebalancedError` where the membership or a partition is lost (may be ignored), else `TransientKafkaError`. */
  commit(offsets: readonly OffsetCommit[]): Promise<void>;
  /** What the group has stored, for all partitions of the topics. */
  committed(topics: readonly string[]): Promise<readonly CommittedOffset[]>;
  /** Survives rebalances until resumed, also for partitions not assigned at the moment. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** The next record handed over for the partition; ignored for a partition not assigned. Commits nothing. */
  seek(position: TopicPartitionOffset): void;
  /** Replaces the subscription. Leaves and rejoins the group; goes on from the committed offsets. */
  setTopics(topics: readonly string[]): Promise<void>;
}

export interface TableOptions {
  readonly topic: string;
  /** Called in order per partition, one at a time. `record.value === null` is a tombstone. Records without a key are skipped. A throw is a defect: the table stops being ready and retries the record. */
  readonly onRecord: (key: string, record: ConsumedRecord) => void | Promise<void>;
  /** Called once, when everything up to the end offsets seen at the start has been handed over. */
  readonly onReady?: () => void;
  /** What was handed over of these partitions may be in the log no more (it was made anew, or lost its end): all that is there follows again. */
  readonly onRestart?: (partitions: readonly number[]) => void;
  /** Milliseconds, default 250. */
  readonly maxWaitMs?: number;
}

/** Reads all partitions of a compacted topic from the beginning and follows it. Has no group and commits nothing. */
export interface TableReader {
  /** Begins to read; resolves at once (see `ready`). A missing topic or broker is waited for. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Resolves when all partitions have been read to the end offsets seen at the start; rejects only by `close` before that. */
  readonly ready: Promise<void>;
  isReady(): boolean;
  /** When the last answered fetch of the stalest partition was sent, by `performance.now()`; `undefined` before the first of each. For fencing. */
  lastFetchCompletedAt(): number | undefined;
  /** Next offset to read, per partition. */
  position(): ReadonlyMap<number, number>;
}

export interface ReadRange extends TopicPartition {
  /** First offset wanted; below the log's start it begins there. */
  readonly fromOffset: number;
  /** Exclusive; default: the end of the partition when the read begins. */
  readonly toOffset?: number;
  /** Awaited before more is fetched. */
  readonly onRecords: (records: readonly ConsumedRecord[]) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Reads a bounded stretch of one partition, outside any group. */
export interface RangeReader {
  /** Resolves with the next offset after the range, gaps included. Retries while brokers are away; rejects when aborted. */
  readRange(range: ReadRange): Promise<number>;
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicReport {
  readonly name: string;
  readonly status: 'created' | 'ok' | 'differs';
  /** Readable, one per difference that remains. */
  readonly problems: readonly string[];
  /** Settings changed by this call. */
  readonly applied: readonly string[];
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: number;
}

export interface LogAdmin {
  /** Answers when a broker answers; rejects with `TransientKafkaError` within `timeoutMs`. For readiness. */
  ping(timeoutMs?: number): Promise<void>;
  /** Creates what is missing, compares the rest. With `apply`, settings that differ are set; partitions are never changed. */
  ensureTopics(specs: readonly TopicSpec[], options?: { readonly apply?: boolean }): Promise<readonly TopicReport[]>;
  listTopics(): Promise<readonly string[]>;
  /** Undefined for a topic that does not exist. */
  partitionCount(topic: string): Promise<number | undefined>;
  endOffsets(topic: string): Promise<readonly PartitionOffset[]>;
  startOffsets(topic: string): Promise<readonly PartitionOffset[]>;
  /** The first offset whose record is not older than the time; the end offset where there is none. Milliseconds since the epoch. */
  offsetsForTime(topic: string, timestampMs: number): Promise<readonly PartitionOffset[]>;
  committed(groupId: string, topics: readonly string[]): Promise<readonly CommittedOffset[]>;
  /** Stores offsets for a group; rejects with `KafkaRequestError` while it has members. */
  setCommitted(groupId: string, offsets: readonly TopicPartitionOffset[]): Promise<void>;
  deleteTopics(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Everything an application may ask of a log. kafkajs is behind one implementation, the simulator's memory behind another. */
export interface RecordLog {
  producer(options?: ProducerOptions): RecordProducer;
  consumer(options: ConsumerOptions, handlers: ConsumerHandlers): RecordConsumer;
  table(options: TableOptions): TableReader;
  ranges(): RangeReader;
  admin(): LogAdmin;
}
