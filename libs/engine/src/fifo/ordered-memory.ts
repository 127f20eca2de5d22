export interface OrderedLimits {
  /** Bytes of waiting records in memory; the first of a queue that may start comes on top. */
  readonly payloadBytes: number;
  /** Bytes of all that is known of waiting records. Above it `deliveries.fifo` is not read. */
  readonly indexBytes: number;
  /** Records of one queue that wait in memory; the others wait in `fifo.hold`. */
  readonly queueRecords: number;
  /** Records of one queue that are read ahead from `fifo.hold`. */
  readonly readAhead: number;
  /** Records being written to `fifo.hold`, per partition, above which `deliveries.fifo` is not read. */
  readonly movingRecords: number;
  readonly movingBytes: number;
  /** A record that waits longer moves to `fifo.hold`, so that offsets go on. */
  readonly maxWaitMs: number;
  /** Finished offsets of `fifo.hold` behind an unfinished one from which on its oldest records are written anew. */
  readonly rotateFrom: number;
  /** Offsets of `fifo.hold` between the first unfinished and the newest; a partition that needs half of it is not read. */
  readonly holdWindow: number;
}

export const DEFAULT_ORDERED_LIMITS: OrderedLimits = {
  payloadBytes: 64 * 1_048_576,
  indexBytes: 64 * 1_048_576,
  queueRecords: 200,
  readAhead: 16,
  movingRecords: 1_000,
  movingBytes: 4 * 1_048_576,
  maxWaitMs: 5_000,
  rotateFrom: 50_000,
  holdWindow: 2_097_152,
};

/** What a queue and one of its positions take beside the records themselves; measured, rounded up. */
const QUEUE_BYTES = 600;
const POSITION_BYTES = 32;

/** What ordered deliveries take, over all partitions of this process. */
export class OrderedMemory {
  payloadBytes = 0;
  queues = 0;
  positions = 0;

  constructor(readonly limits: OrderedLimits) {}

  get hasRoom(): boolean {
    return this.payloadBytes < this.limits.payloadBytes;
  }

  /** No more positions may be taken in. */
  get isFull(): boolean {
    return this.queues * QUEUE_BYTES + this.positions * POSITION_BYTES >= this.limits.indexBytes;
  }
}
