import { type TopicPartition, type TopicReport, type TopicSpec } from '@hookstream/kafka';
import { type Scheduler } from '../clock/scheduler.js';
import { type SeededRandom } from '../clock/seeded-random.js';
import { type Trace } from '../clock/trace.js';
import { BrokerError, type BrokerErrorCode } from './broker-error.js';
import { GroupCoordinator, type GroupObserver } from './group-coordinator.js';
import { type PartitionLog, type ProducedRecord, recordSize, type Stretch } from './partition-log.js';
import { Topic } from './topic.js';

/** Records for one partition, taken or refused together. */
export interface ProducePart extends TopicPartition {
  readonly records: readonly ProducedRecord[];
  /** Of an idempotent producer: the same again is not written again. */
  readonly sequence?: { readonly producerId: number; readonly first: number };
}

export type ProduceAnswer =
  | { readonly kind: 'written'; readonly baseOffset: number }
  /** Nothing of the part was written; `records` are those at fault where not all are. */
  | { readonly kind: 'refused'; readonly code: BrokerErrorCode; readonly records?: readonly number[] };

export interface ClusterObserver extends GroupObserver {
  readonly sent?: (request: SentRecords) => void;
}

/** What a client writes to its connection. */
export interface SentRecords {
  readonly client: string;
  readonly parts: readonly ProducePart[];
}

export interface FetchRequest {
  readonly positions: readonly (TopicPartition & { readonly offset: number })[];
  readonly maxWaitMs: number;
  readonly maxBytesPerPartition: number;
  readonly maxBytes: number;
}

export type FetchAnswer = TopicPartition & ({ readonly stretch: Stretch } | { readonly code: BrokerErrorCode });

export interface ClusterOptions {
  /** A fetch brings at most so many records of a partition, the number drawn anew each time. Default 500. */
  readonly maxFetchRecords?: number;
}

/** All brokers as one: topics, groups, and what they answer. Knows nothing of the network before it. */
export class Cluster {
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, GroupCoordinator>();
  readonly #sequences = new Map<string, { readonly first: number; readonly baseOffset: number }>();
  readonly #observers: ClusterObserver[] = [];
  #producerIds = 0;

  constructor(
    readonly scheduler: Scheduler,
    private readonly random: SeededRandom,
    readonly trace: Trace,
    private readonly options: ClusterOptions = {},
  ) {}

  /** Tells of every commit, generation and produce request, for ledgers. */
  observe(observer: ClusterObserver): void {
    this.#observers.push(observer);
  }

  createTopic(spec: TopicSpec): TopicReport {
    const { name } = spec;
    const existing = this.#topics.get(name);
    if (existing === undefined) {
      this.#topics.set(name, new Topic(spec));
      return { name, status: 'created', problems: [], applied: [] };
    }
    const count = existing.partitions.length;
    const problems = count === spec.partitions ? [] : [`has ${count} partitions, ${spec.partitions} are wanted`];
    return { name, status: problems.length === 0 ? 'ok' : 'differs', problems, applied: [] };
  }

  deleteTopic(name: string): void {
    this.#topics.delete(name);
  }

  topicNames(): readonly string[] {
    return [...this.#topics.keys()];
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  /** @throws `UNKNOWN_TOPIC_OR_PARTITION` */
  partitions(topic: string): readonly PartitionLog[] {
    const found = this.#topics.get(topic);
    if (found === undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION');
    return found.partitions;
  }

  /** @throws `UNKNOWN_TOPIC_OR_PARTITION` */
  partition({ topic, partition }: TopicPartition): PartitionLog {
    const found = this.partitions(topic)[partition];
    if (found === undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION');
    return found;
  }

  group(id: string): GroupCoordinator {
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const observer: GroupObserver = {
      committed: (commit) => {
        for (const { committed } of this.#observers) committed?.(commit);
      },
      assigned: (plan) => {
        for (const { assigned } of this.#observers) assigned?.(plan);
      },
    };
    const group = new GroupCoordinator(id, this.scheduler, this.trace, observer);
    this.#groups.set(id, group);
    return group;
  }

  groups(): readonly GroupCoordinator[] {
    return [...this.#groups.values()];
  }

  newProducerId(): number {
    return (this.#producerIds += 1);
  }

  /** A client is about to send this; whether it comes is the network's. */
  sends(request: SentRecords): void {
    for (const { sent } of this.#observers) sent?.(request);
  }

  produce(parts: readonly ProducePart[]): readonly ProduceAnswer[] {
    return parts.map((part) => this.#append(part));
  }

  #append({ topic: name, partition, records, sequence }: ProducePart): ProduceAnswer {
    const topic = this.#topics.get(name);
    const log = topic?.partitions[partition];
    if (topic === undefined || log === undefined) return { kind: 'refused', code: 'UNKNOWN_TOPIC_OR_PARTITION' };
    const tooLarge = records.flatMap((record, i) => (recordSize(record) > topic.maxRecordBytes ? [i] : []));
    if (tooLarge.length > 0) return { kind: 'refused', code: 'MESSAGE_TOO_LARGE', records: tooLarge };

    const key = sequence && `${sequence.producerId} ${name} ${partition}`;
    const last = key === undefined ? undefined : this.#sequences.get(key);
    if (sequence && last?.first === sequence.first) return { kind: 'written', baseOffset: last.baseOffset };

    const timestamp = this.scheduler.nowMs;
    const baseOffset = log.append(topic.hasAppendTime ? records.map((record) => ({ ...record, timestamp })) : records);
    if (key !== undefined && sequence) this.#sequences.set(key, { first: sequence.first, baseOffset });
    this.trace.add(`append ${name}/${partition} @${baseOffset} +${records.length}`);
    return { kind: 'written', baseOffset };
  }

  /** Answers as soon as there is anything, or an error, else after `maxWaitMs` with nothing. */
  fetch(request: FetchRequest): readonly FetchAnswer[] | Promise<readonly FetchAnswer[]> {
    const answers = this.#read(request);
    if (answers.length > 0 || request.maxWaitMs <= 0) return answers;
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancelled = true;
        for (const withdraw of withdrawals) withdraw();
        resolve(this.#read(request));
      };
      const withdrawals = request.positions.map((position) => this.partition(position).onGrowth(wake));
      const timer = this.scheduler.after(request.maxWaitMs, wake);
    });
  }

  #read({ positions, maxBytesPerPartition, maxBytes }: FetchRequest): readonly FetchAnswer[] {
    const { maxFetchRecords = 500 } = this.options;
    const answers: FetchAnswer[] = [];
    let bytesLeft = maxBytes;
    for (const { topic, partition, offset } of positions) {
      if (bytesLeft <= 0) break;
      try {
        const limits = {
          maxRecords: 1 + this.random.below(maxFetchRecords),
          maxBytes: Math.min(maxBytesPerPartition, bytesLeft),
        };
        const stretch = this.partition({ topic, partition }).read(offset, limits);
        if (stretch.lastOffset < stretch.firstOffset) continue;
        for (const record of stretch.records) bytesLeft -= recordSize(record);
        answers.push({ topic, partition, stretch });
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        answers.push({ topic, partition, code: error.code });
      }
    }
    return answers;
  }
}
