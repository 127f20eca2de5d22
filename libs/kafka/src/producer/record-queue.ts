import { type PendingRecord } from './pending-record.js';

export interface BatchLimits {
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
}

/** Records waiting to be sent, in order, and where the next batch is cut. */
export class RecordQueue {
  #records: PendingRecord[] = [];
  #bytes = 0;

  constructor(readonly limits: BatchLimits) {}

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** Enough for a batch, so that waiting longer brings nothing. */
  get isFull(): boolean {
    return this.#records.length >= this.limits.maxBatchRecords || this.#bytes >= this.limits.maxBatchBytes;
  }

  push(record: PendingRecord): void {
    this.#records.push(record);
    this.#bytes += record.bytes;
  }

  /** The longest run from the front that fits; a record above the byte limit goes alone. */
  cut(): readonly PendingRecord[] {
    const { maxBatchRecords, maxBatchBytes } = this.limits;
    let count = 0;
    let bytes = 0;
    for (const record of this.#records) {
      if (count > 0 && (count >= maxBatchRecords || bytes + record.bytes > maxBatchBytes)) break;
      count += 1;
      bytes += record.bytes;
    }
    this.#bytes -= bytes;
    return this.#records.splice(0, count);
  }
}
