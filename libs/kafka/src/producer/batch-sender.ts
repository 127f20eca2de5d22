import { setTimeout as sleep } from 'node:timers/promises';
import { type Producer } from 'kafkajs';
import { codeOf, messageOf, toKafkaError, verdictOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { compressionType } from '../codecs/codecs.js';
import { ClosedError, type KafkaError, RecordTooLargeError, TransientKafkaError } from '../errors.js';
import { type Compression, type Logger } from '../ports.js';
import { type PendingRecord } from './pending-record.js';
import { RememberedPartitions } from './remembered-partitions.js';
import { SentRecord } from './sent-record.js';

export interface SenderOptions {
  readonly ordered: boolean;
  readonly compression: Compression;
  readonly deliveryTimeoutMs: number;
}

export interface SendReport {
  readonly retries: number;
  readonly failure: KafkaError | undefined;
}

interface Link {
  readonly producer: Producer;
  /** Under way. */
  sends: number;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;

function byTopic(batch: readonly SentRecord[]): ReadonlyMap<string, SentRecord[]> {
  const topics = new Map<string, SentRecord[]>();
  for (const record of batch) {
    const records = topics.get(record.topic);
    if (records === undefined) topics.set(record.topic, [record]);
    else records.push(record);
  }
  return topics;
}

/** Whether what comes behind a failure must fail too where order counts: it would overtake what is sent again. */
export function breaksOrder(failure: KafkaError | undefined): failure is KafkaError {
  return failure !== undefined && !(failure instanceof RecordTooLargeError);
}

/**
 * Sends one batch until it is acknowledged, refused or out of time, and settles each of its records.
 * kafkajs fails a send as a whole although a part of it may be written. What the broker's answer says to be written is not sent
 * again, but for an idempotent producer's retry: kafkajs counts the whole send's sequence numbers back then, and the broker
 * recognises the very same batches only.
 */
export class BatchSender {
  readonly #partitions = new RememberedPartitions();
  #link: Promise<Link> | undefined;
  /** No longer used, and disconnected when what is under way over them has ended. */
  readonly #retired = new Set<Link>();
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
    return this.#sendUntil(
      batch.map((entry) => new SentRecord(entry)),
      performance.now() + this.options.deliveryTimeoutMs,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discardProducer();
  }

  async #sendUntil(whole: readonly SentRecord[], deadline: number): Promise<SendReport> {
    let batch = whole;
    for (let retries = 0; ; retries++) {
      try {
        await this.#sendOnce(batch);
        return { retries, failure: undefined };
      } catch (error) {
        if (error instanceof TransientKafkaError) return this.#giveUp(batch, error, retries);
        const verdict = verdictOf(error);
        const retriable = verdict === 'transient' || verdict === 'producer-lost' || verdict === 'unknown-topic';
        const isolates = !retriable || verdict === 'unknown-topic';
        if (isolates || !this.options.ordered) batch = await this.#leftOf(batch);
        if (batch.length === 0) return { retries, failure: undefined };
        const parts = isolates ? splitToIsolate(batch, verdict === 'too-large') : [batch];
        if (parts.length > 1) {
          const reports: SendReport[] = [];
          for (const part of parts) {
            const broken = reports.find(({ failure }) => breaksOrder(failure))?.failure;
            if (broken === undefined || !this.options.ordered) {
              reports.push(await this.#sendUntil(part, deadline));
            } else {
              for (const record of part) record.reject(broken);
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

  /** What the broker has not said to be written. */
  async #leftOf(batch: readonly SentRecord[]): Promise<readonly SentRecord[]> {
    const left = batch.filter((record) => !record.isSettled);
    // The numbers of the batches that are written must not be given to what is left: a new producer counts anew.
    if (this.options.ordered && left.length < batch.length) await this.#discardProducer();
    return left;
  }

  async #sendOnce(whole: readonly SentRecord[]): Promise<void> {
    const connected = this.#connected();
    const link = await connected;
    const batch = this.#admitted(whole);
    if (batch.length === 0) return;
    link.sends += 1;
    try {
      await link.producer.sendBatch({
        acks: -1,
        compression: compressionType(this.options.compression),
        topicMessages: [...byTopic(batch)].map(([topic, messages]) => ({ topic, messages })),
      });
    } catch (error) {
      // kafkajs asks for all topics it has ever sent to: one that is deleted would soon fail the sends to all others.
      if (verdictOf(error) === 'unknown-topic' && this.#link === connected) this.#retire(link);
      throw error;
    } finally {
      link.sends -= 1;
      if (this.#retired.has(link) && link.sends === 0) this.#disconnect(link);
    }
    // All were told their places when the answers were read, unless kafkajs read them by itself.
    for (const record of batch) record.written({ partition: this.#partitions.of(record), offset: undefined });
  }

  /**
   * Those that may still be written; the others reject. From here on kafkajs waits for nothing before it writes to the
   * connection, where it has one.
   *
   * @throws `TransientKafkaError` where order counts and one may not
   */
  #admitted(batch: readonly SentRecord[]): readonly SentRecord[] {
    const withheld = batch.filter((record) => !record.mayBeWritten);
    if (withheld.length === 0) return batch;
    const failure = new TransientKafkaError(
      `${withheld.length} records were withheld: they may not be written any more`,
    );
    if (this.options.ordered) throw failure;
    for (const record of withheld) record.reject(failure);
    return batch.filter((record) => !record.isSettled);
  }

  async #giveUp(batch: readonly SentRecord[], error: unknown, retries: number): Promise<SendReport> {
    // The sequence numbers of a batch of unknown fate must not be given to other records: the broker would take them for a repeat.
    if (this.options.ordered) await this.#discardProducer();
    const failure = this.#failureOf(batch, error);
    for (const record of batch) record.reject(failure);
    return { retries, failure };
  }

  #failureOf(batch: readonly SentRecord[], error: unknown): KafkaError {
    const [first] = batch;
    if (verdictOf(error) === 'too-large' && first !== undefined) {
      return new RecordTooLargeError(first.topic, first.bytes, undefined, { cause: error });
    }
    const verdict = verdictOf(error);
    // A topic that is not there is made by an operator, or made anew: like a broker that is away.
    if ((verdict === 'transient' || verdict === 'unknown-topic') && !this.#closed) {
      const text = `not acknowledged within ${this.options.deliveryTimeoutMs} ms: ${messageOf(error)}`;
      return new TransientKafkaError(`${batch.length} records for ${first?.topic ?? '?'} ${text}`, {
        cause: error,
      });
    }
    return toKafkaError(`Sending ${batch.length} records for ${first?.topic ?? '?'}`, error);
  }

  #connected(): Promise<Link> {
    if (this.#closed) return Promise.reject(new ClosedError('The producer is closed'));
    this.#link ??= this.#connect().catch((error: unknown) => {
      this.#link = undefined;
      throw error;
    });
    return this.#link;
  }

  async #connect(): Promise<Link> {
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
      return { producer, sends: 0 };
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  #retire(link: Link): void {
    this.#link = undefined;
    this.#retired.add(link);
  }

  #disconnect(link: Link): void {
    this.#retired.delete(link);
    link.producer.disconnect().catch(() => undefined);
  }

  async #discardProducer(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.then(({ producer }) => producer.disconnect()).catch(() => undefined);
  }
}

/** Smaller sends, so that one topic or one record that is refused does not take the others with it. */
function splitToIsolate(batch: readonly SentRecord[], intoHalves: boolean): readonly (readonly SentRecord[])[] {
  const topics = [...byTopic(batch).values()];
  if (topics.length > 1) return topics;
  if (!intoHalves || batch.length < 2) return [batch];
  const middle = batch.length >> 1;
  return [batch.slice(0, middle), batch.slice(middle)];
}
