import { type OutgoingRecord } from '@hookstream/contracts';
import {
  ByteBudget,
  ClosedError,
  type PendingRecord,
  type ProducerOptions,
  recordBytes,
  type RecordPosition,
  type RecordProducer,
  RecordQueue,
  RecordTooLargeError,
} from '@hookstream/kafka';
import { type Timer } from '../clock/clock.js';
import { type Connection } from '../network/connection.js';
import { type Idempotence, sendBatch } from './batch-send.js';
import { type ClientContext } from './client-context.js';
import { Partitioner } from './partitioner.js';

const MIB = 1024 * 1024;

/** The batching of the real producer, on virtual time. */
export class SimulatedProducer implements RecordProducer {
  readonly #connection: Connection;
  readonly #partitioner: Partitioner;
  readonly #queue: RecordQueue;
  readonly #budget: ByteBudget;
  readonly #maxInFlight: number;
  readonly #maxRecordBytes: number;
  #idempotence: Idempotence | undefined;
  #idle: (() => void)[] = [];
  #lingering: Timer | undefined;
  #inFlight = 0;
  #isClosing = false;

  constructor(
    readonly context: ClientContext,
    readonly options: ProducerOptions,
  ) {
    const { maxBatchRecords = 500, maxBatchBytes = 900 * 1024, maxBufferedBytes = 32 * MIB } = options;
    this.#connection = context.network.connect(context.replica);
    this.#partitioner = new Partitioner(context.replica.random);
    this.#queue = new RecordQueue({ maxBatchRecords, maxBatchBytes });
    this.#budget = new ByteBudget(maxBufferedBytes);
    this.#maxInFlight = options.ordered === true ? 1 : (options.maxInFlight ?? 4);
    this.#maxRecordBytes = options.maxRecordBytes ?? 1.5 * MIB;
  }

  start(): Promise<void> {
    return this.#isClosing ? Promise.reject(new ClosedError('The producer is closed')) : Promise.resolve();
  }

  async send(record: OutgoingRecord, mayWrite?: () => boolean): Promise<RecordPosition> {
    const bytes = recordBytes(record);
    if (this.#isClosing) throw new ClosedError('The producer is closed');
    if (bytes > this.#maxRecordBytes) throw new RecordTooLargeError(record.topic, bytes, this.#maxRecordBytes);
    if (!this.#budget.tryTake(bytes)) await this.#budget.take(bytes);
    return new Promise((acknowledge, reject) => {
      this.#queue.push({ record, bytes, acknowledge, reject, mayWrite });
      if (this.#queue.isFull) this.#pump();
      else this.#linger();
    });
  }

  async sendAll(records: readonly OutgoingRecord[]): Promise<void> {
    const outcomes = await Promise.allSettled(records.map((record) => this.send(record)));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  async flush(): Promise<void> {
    while (!this.#queue.isEmpty || this.#inFlight > 0) {
      this.#pump();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#budget.refuseWaiting(new ClosedError('The producer is closed'));
    await this.flush();
  }

  #linger(): void {
    if (this.#lingering !== undefined || this.#inFlight >= this.#maxInFlight) return;
    this.#lingering = this.context.replica.setTimeout(() => {
      this.#pump();
    }, this.options.lingerMs ?? 3);
  }

  #pump(): void {
    this.context.replica.clearTimeout(this.#lingering);
    this.#lingering = undefined;
    while (this.#inFlight < this.#maxInFlight && !this.#queue.isEmpty) void this.#dispatch(this.#queue.cut());
  }

  #rejectAllBehind(failure: Error): void {
    this.#budget.refuseWaiting(failure);
    while (!this.#queue.isEmpty) {
      for (const { bytes, reject } of this.#queue.cut()) {
        this.#budget.give(bytes);
        reject(failure);
      }
    }
  }

  async #dispatch(batch: readonly PendingRecord[]): Promise<void> {
    this.#inFlight += 1;
    const startedAtMs = this.context.replica.performanceNow();
    const bytes = batch.reduce((sum, entry) => sum + entry.bytes, 0);
    const { retries, failed, gaveUp } = await sendBatch(
      {
        ...this.context,
        connection: this.#connection,
        partitioner: this.#partitioner,
        deliveryTimeoutMs: this.options.deliveryTimeoutMs ?? 30_000,
        idempotence: this.#currentIdempotence(),
      },
      batch,
    );
    // The sequence of a batch of unknown fate must not be given to other records: they would be taken for a repeat.
    if (failed) this.#idempotence = undefined;
    if (this.options.ordered === true && gaveUp) this.#rejectAllBehind(gaveUp);
    this.#budget.give(bytes);
    this.#inFlight -= 1;
    this.options.onProduce?.({
      records: batch.length,
      bytes,
      durationMs: this.context.replica.performanceNow() - startedAtMs,
      retries,
      outcome: failed ? 'failed' : 'acknowledged',
      bufferedBytes: this.#budget.usedBytes,
    });
    if (!this.#queue.isEmpty) this.#pump();
    else if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #currentIdempotence(): Idempotence | undefined {
    if (this.options.ordered !== true) return undefined;
    this.#idempotence ??= { producerId: this.context.cluster.newProducerId(), next: new Map() };
    return this.#idempotence;
  }
}
