import { type ConsumedRecord } from '@hookstream/contracts';
import { BrokerError } from './broker-error.js';

export type ProducedRecord = Pick<ConsumedRecord, 'timestamp' | 'key' | 'value' | 'headers'>;

export interface FetchLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** A stretch of a partition. Offsets from `firstOffset` to `lastOffset` that are not in `records` hold no record. */
export interface Stretch {
  readonly records: readonly ConsumedRecord[];
  readonly firstOffset: number;
  /** `firstOffset - 1` where there is nothing yet. */
  readonly lastOffset: number;
  readonly highWatermark: number;
}

export const recordSize = ({ key, value }: Pick<ConsumedRecord, 'key' | 'value'>) =>
  64 + (key?.length ?? 0) + (value?.length ?? 0);

/** The records of one partition, with the holes that control records and compaction leave. */
export class PartitionLog {
  #records: ConsumedRecord[] = [];
  #startOffset = 0;
  #endOffset = 0;
  #waiting = new Set<() => void>();

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset of the next record. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** All that is there, for ledgers. */
  get records(): readonly ConsumedRecord[] {
    return this.#records;
  }

  /** Returns the offset of the first. */
  append(records: readonly ProducedRecord[]): number {
    const { topic, partition } = this;
    const baseOffset = this.#endOffset;
    for (const { timestamp, key, value, headers } of records) {
      this.#records.push({ topic, partition, offset: this.#endOffset, timestamp, key, value, headers });
      this.#endOffset += 1;
    }
    this.#wake();
    return baseOffset;
  }

  /** Offsets that hold no record, as transactions' control records do. */
  leaveHole(offsets: number): void {
    this.#endOffset += offsets;
    this.#wake();
  }

  /** Keeps the last record of each key, as compaction does. */
  compact(): void {
    const newest = new Map(this.#records.map((record) => [record.key?.toString(), record.offset]));
    this.#records = this.#records.filter(({ key, offset }) => newest.get(key?.toString()) === offset);
  }

  /** Forgets what is below an offset, as retention does. */
  trim(startOffset: number): void {
    this.#startOffset = Math.min(Math.max(this.#startOffset, startOffset), this.#endOffset);
    this.#records = this.#records.filter(({ offset }) => offset >= this.#startOffset);
  }

  /** @throws `OFFSET_OUT_OF_RANGE` */
  read(fromOffset: number, { maxRecords, maxBytes }: FetchLimits): Stretch {
    if (fromOffset < this.#startOffset || fromOffset > this.#endOffset) throw new BrokerError('OFFSET_OUT_OF_RANGE');
    const from = this.#indexOf(fromOffset);
    let to = from;
    for (let bytes = 0; to < this.#records.length && to - from < maxRecords; to += 1) {
      const record = this.#records[to];
      if (record === undefined) break;
      bytes += recordSize(record);
      if (to > from && bytes > maxBytes) break;
    }
    const next = this.#records[to];
    return {
      records: this.#records.slice(from, to),
      firstOffset: fromOffset,
      lastOffset: (next?.offset ?? this.#endOffset) - 1,
      highWatermark: this.#endOffset,
    };
  }

  /** The first offset whose record is not older; the end where there is none. */
  offsetForTime(timestampMs: number): number {
    return this.#records.find(({ timestamp }) => timestamp >= timestampMs)?.offset ?? this.#endOffset;
  }

  /** Calls back at the next growth; the returned function withdraws. */
  onGrowth(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.offset ?? Infinity) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
