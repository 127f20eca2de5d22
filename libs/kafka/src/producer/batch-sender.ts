import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, type Producer, type RecordMetadata } from 'kafkajs';
import { codeOf, messageOf, toKafkaError, verdictOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { compressionType } from '../codecs/codecs.js';
import { ClosedError, type KafkaError, RecordTooLargeError, TransientKafkaError } from '../errors.js';
import { type Compression, type Logger } from '../ports.js';
import { type PendingRecord } from './pending-record.js';
import { RememberedPartitions } from './remembered-partitions.js';

export interface SenderOptions {
  readonly ordered: boolean;
  readonly compression: Compression;
  readonly deliveryTimeoutMs: number;
}

export interface SendReport {
  readonly retries: number;
  readonly failure: KafkaError | undefined;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;

function byTopic(batch: readonly PendingRecord[]): ReadonlyMap<string, readonly PendingRecord[]> {
  const topics = new Map<string, PendingRecord[]>();
  for (const entry of batch) {
    const entries = topics.get(entry.record.topic);
    if (entries === undefined) topics.set(entry.record.topic, [entry]);
    else entries.push(entry);
  }
  return topics;
}

/** Whether what comes behind a failure must fail too where order counts: it would overtake what is sent again. */
export function breaksOrder(failure: KafkaError | undefined): failure is KafkaError {
  return failure !== undefined && !(failure instanceof RecordTooLargeError);
}

function toMessage({ record: { key, value, headers, partition } }: PendingRecord): Message {
  return { key, value, ...(headers && { headers }), ...(partition !== undefined && { partition }) };
}

/**
 * Sends one batch until it is acknowledged, refused or out of time, and settles each of its records.
 * kafkajs fails a send as a whole although a part of it may be written: the whole is sent again, which at-least-once allows.
 */
export class BatchSender {
  readonly #partitions = new RememberedPartitions();
  #producer: Promise<Producer> | undefined;
  #closed = false;

  constructor(
    readonly clients: KafkaClients,
    readonly logger: Logger,
    readonly options: SenderOptions,
  ) {}

  /** One try to connect. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  async send(batch: readonly PendingRecord[]): Promise<SendReport> {
    const messages = new Map(batch.map((entry) => [entry, toMessage(entry)]));
    return this.#sendUntil(batch, messages, performance.now() + this.options.deliveryTimeoutMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discardProducer();
  }

  async #sendUntil(
    batch: readonly PendingRecord[],
    messages: ReadonlyMap<PendingRecord, Message>,
    deadline: number,
  ): Promise<SendReport> {
    for (let retries = 0; ; retries++) {
      try {
        await this.#sendOnce(batch, messages);
        return { retries, failure: undefined };
      } catch (error) {
        const verdict = verdictOf(error);
        const retriable = verdict === 'transient' || verdict === 'producer-lost' || verdict === 'unknown-topic';
        const parts =
          retriable && verdict !== 'unknown-topic' ? [batch] : splitToIsolate(batch, verdict === 'too-large');
        if (parts.length > 1) {
          const reports: SendReport[] = [];
          for (const part of parts) {
            const broken = reports.find(({ failure }) => breaksOrder(failure))?.failure;
            if (broken === undefined || !this.options.ordered) {
              reports.push(await this.#sendUntil(part, messages, deadline));
            } else {
              for (const entry of part) entry.reject(broken);
            }
          }
          return {
            retries: Math.max(...reports.map((report) => report.retries + 1)),
            failure: reports.find((report) => report.failure !== undefined)?.failure,
          };
        }
        if (!retriable || this.#closed || performance.now() >= deadline) return this.#giveUp(batch, error, retries);
        if (verdict === 'producer-lost') await this.#discardProducer();
        const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** retries, LONGEST_BACKOFF_MS);
        this.logger.debug('Sending again', { records: batch.length, code: codeOf(error), backoffMs });
        await sleep(Math.min(backoffMs, Math.max(0, deadline - performance.now())));
      }
    }
  }

  async #sendOnce(batch: readonly PendingRecord[], messages: ReadonlyMap<PendingRecord, Message>): Promise<void> {
    const producer = await this.#connected();
    const topics = [...byTopic(batch)].map(([topic, entries]) => ({
      topic,
      entries,
      messages: entries.map((entry) => messages.get(entry) ?? toMessage(entry)),
    }));
    const answers: RecordMetadata[] = await producer.sendBatch({
      acks: -1,
      compression: compressionType(this.options.compression),
      topicMessages: topics.map(({ topic, messages }) => ({ topic, messages })),
    });
    for (const { topic, entries, messages } of topics) {
      const positions = this.#partitions.positions(topic, messages, answers);
      entries.forEach((entry, i) => {
        entry.acknowledge(positions[i] ?? { partition: -1, offset: undefined });
      });
    }
  }

  async #giveUp(batch: readonly PendingRecord[], error: unknown, retries: number): Promise<SendReport> {
    // The sequence numbers of a batch of unknown fate must not be given to other records: the broker would take them for a repeat.
    if (this.options.ordered) await this.#discardProducer();
    const failure = this.#failureOf(batch, error);
    for (const entry of batch) entry.reject(failure);
    return { retries, failure };
  }

  #failureOf(batch: readonly PendingRecord[], error: unknown): KafkaError {
    const [first] = batch;
    if (verdictOf(error) === 'too-large' && first !== undefined) {
      return new RecordTooLargeError(first.record.topic, first.bytes, undefined, { cause: error });
    }
    if (verdictOf(error) === 'transient' && !this.#closed) {
      const text = `not acknowledged within ${this.options.deliveryTimeoutMs} ms: ${messageOf(error)}`;
      return new TransientKafkaError(`${batch.length} records for ${first?.record.topic ?? '?'} ${text}`, {
        cause: error,
      });
    }
    return toKafkaError(`Sending ${batch.length} records for ${first?.record.topic ?? '?'}`, error);
  }

  #connected(): Promise<Producer> {
    if (this.#closed) return Promise.reject(new ClosedError('The producer is closed'));
    this.#producer ??= this.#connect().catch((error: unknown) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const { ordered } = this.options;
    const producer = this.clients.kafka().producer({
      createPartitioner: this.#partitions.partitioner,
      allowAutoTopicCreation: false,
      idempotent: ordered,
      // Retries are ours, by a deadline; kafkajs insists on one for an idempotent producer.
      retry: { ...this.clients.retry, retries: ordered ? 1 : 0 },
      ...(ordered && { maxInFlightRequests: 1 }),
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  async #discardProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.then((connected) => connected.disconnect()).catch(() => undefined);
  }
}

/** Smaller sends, so that one topic or one record that is refused does not take the others with it. */
function splitToIsolate(batch: readonly PendingRecord[], intoHalves: boolean): readonly (readonly PendingRecord[])[] {
  const topics = [...byTopic(batch).values()];
  if (topics.length > 1) return topics;
  if (!intoHalves || batch.length < 2) return [batch];
  const middle = batch.length >> 1;
  return [batch.slice(0, middle), batch.slice(middle)];
}
