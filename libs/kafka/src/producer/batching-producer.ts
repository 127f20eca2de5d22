import { setTimeout as sleep } from 'node:timers/promises';
import { type OutgoingRecord } from '@hookstream/contracts';
import { messageOf } from '../client/error-mapping.js';
import { type KafkaClients } from '../client/kafka-clients.js';
import { ClosedError, RecordTooLargeError } from '../errors.js';
import { type Logger, type ProducerOptions, type RecordPosition, type RecordProducer } from '../ports.js';
import { BatchSender, breaksOrder } from './batch-sender.js';
import { ByteBudget } from './byte-budget.js';
import { type PendingRecord, recordBytes } from './pending-record.js';
import { RecordQueue } from './record-queue.js';

const MIB = 1024 * 1024;
const RECONNECT_AFTER_MS = 1_000;

/**
 * Gathers records into sends. A send costs the client about a millisecond whatever its size, so one record per send is
 * 40 times dearer than 500: records wait a few milliseconds for company, longer while all sends are under way.
 */
export class BatchingProducer implements RecordProducer {
  readonly #sender: BatchSender;
  readonly #queue: RecordQueue;
  readonly #budget: ByteBudget;
  readonly #lingerMs: number;
  readonly #maxInFlight: number;
  readonly #ordered: boolean;
  readonly #maxRecordBytes: number;
  readonly #onProduce: ProducerOptions['onProduce'];
  readonly #idle: (() => void)[] = [];
  #lingering: (() => void) | undefined;
  #due = false;
  #inFlight = 0;
  #closing: Promise<void> | undefined;

  constructor(
    clients: KafkaClients,
    readonly logger: Logger,
    options: ProducerOptions,
  ) {
    const { ordered = false, compression = 'none', deliveryTimeoutMs = 30_000 } = options;
    this.#sender = new BatchSender(clients, logger, { ordered, compression, deliveryTimeoutMs });
    const { maxBatchRecords = 500, maxBatchBytes = 900 * 1024 } = options;
    this.#queue = new RecordQueue({ maxBatchRecords, maxBatchBytes });
    this.#budget = new ByteBudget(options.maxBufferedBytes ?? 32 * MIB);
    this.#lingerMs = options.lingerMs ?? 3;
    this.#ordered = ordered;
    this.#maxInFlight = ordered ? 1 : (options.maxInFlight ?? 4);
    this.#maxRecordBytes = options.maxRecordBytes ?? 1.5 * MIB;
    this.#onProduce = options.onProduce;
  }

  async start(): Promise<void> {
    for (;;) {
      if (this.#closing) throw new ClosedError('The producer was closed before it connected');
      try {
        await this.#sender.connect();
        return;
      } catch (error) {
        if (error instanceof ClosedError) throw error;
        this.logger.warn('Kafka cannot be reached, trying again', { error: messageOf(error) });
        await sleep(RECONNECT_AFTER_MS);
      }
    }
  }

  async send(record: OutgoingRecord, mayWrite?: () => boolean): Promise<RecordPosition> {
    const bytes = this.#admissibleBytes(record);
    if (!this.#budget.tryTake(bytes)) await this.#budget.take(bytes);
    return new Promise((acknowledge, reject) => {
      this.#enqueue({ record, bytes, acknowledge, reject, mayWrite });
    });
  }

  async sendAll(records: readonly OutgoingRecord[]): Promise<void> {
    let failure: Error | undefined;
    let open = records.length;
    let allSettled: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => (allSettled = resolve));
    const settle = (error?: Error) => {
      failure ??= error;
      open -= 1;
      if (open === 0) allSettled();
    };
    if (open === 0) return;
    for (const record of records) {
      try {
        const bytes = this.#admissibleBytes(record);
        if (!this.#budget.tryTake(bytes)) await this.#budget.take(bytes);
        const acknowledge = () => {
          settle();
        };
        this.#enqueue({ record, bytes, acknowledge, reject: settle });
      } catch (error) {
        settle(error instanceof Error ? error : new Error(String(error)));
      }
    }
    await settled;
    if (failure !== undefined) throw failure;
  }

  async flush(): Promise<void> {
    while (!this.#queue.isEmpty || this.#inFlight > 0) {
      this.#due = true;
      this.#pump();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#budget.refuseWaiting(new ClosedError('The producer is closed'));
    await this.flush();
    await this.#sender.close();
  }

  #admissibleBytes(record: OutgoingRecord): number {
    if (this.#closing) throw new ClosedError('The producer is closed');
    const bytes = recordBytes(record);
    if (bytes > this.#maxRecordBytes) throw new RecordTooLargeError(record.topic, bytes, this.#maxRecordBytes);
    return bytes;
  }

  #enqueue(entry: PendingRecord): void {
    this.#queue.push(entry);
    if (this.#queue.isFull) this.#pump();
    else this.#linger();
  }

  #linger(): void {
    if (this.#lingering !== undefined || this.#due) return;
    const end = () => {
      this.#due = true;
      this.#pump();
    };
    this.#lingering = this.#lingerMs > 0 ? after(this.#lingerMs, end) : withAllOfThisTurn(end);
  }

  #endLinger(): void {
    this.#lingering?.();
    this.#lingering = undefined;
  }

  #pump(): void {
    while (this.#inFlight < this.#maxInFlight && !this.#queue.isEmpty && (this.#due || this.#queue.isFull)) {
      this.#endLinger();
      void this.#dispatch(this.#queue.cut());
    }
    if (this.#queue.isEmpty) this.#due = false;
    else this.#linger();
  }

  /** What was accepted behind a record that failed would stand before it when that one is sent again. */
  #rejectAllBehind(failure: Error): void {
    this.#endLinger();
    this.#budget.refuseWaiting(failure);
    while (!this.#queue.isEmpty) {
      for (const entry of this.#queue.cut()) {
        this.#budget.give(entry.bytes);
        entry.reject(failure);
      }
    }
  }

  async #dispatch(batch: readonly PendingRecord[]): Promise<void> {
    this.#inFlight += 1;
    const started = performance.now();
    const bytes = batch.reduce((sum, entry) => sum + entry.bytes, 0);
    const { retries, failure } = await this.#sender.send(batch);
    if (this.#ordered && breaksOrder(failure)) this.#rejectAllBehind(failure);
    this.#budget.give(bytes);
    this.#inFlight -= 1;
    this.#onProduce?.({
      records: batch.length,
      bytes,
      durationMs: performance.now() - started,
      retries,
      outcome: failure === undefined ? 'acknowledged' : 'failed',
      bufferedBytes: this.#budget.usedBytes,
    });
    this.#pump();
    if (this.#queue.isEmpty && this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Returns how to call it off. */
function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

/** A timer of no time fires a millisecond later; this as soon as all that is being handled has come to a rest. */
function withAllOfThisTurn(act: () => void): () => void {
  const immediate = setImmediate(act);
  return () => clearImmediate(immediate);
}
