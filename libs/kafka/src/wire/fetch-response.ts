import {
  magicOf,
  readRecordBatches,
  RECORD_BATCH_MAGIC,
  type Decompressors,
  type FetchedRecord,
} from './read-record-batches.js';

/** What kafkajs makes of a Fetch response. */
export interface FetchResponse {
  /** Always 0: the broker expects the client to wait, and does not wait itself. */
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedRecord[];
}

/** The body of a Fetch response, version 11. Undefined where it holds records of the formats before Kafka 0.11. */
export async function readFetchResponse(
  payload: Buffer,
  decompressors: Decompressors,
): Promise<FetchResponse | undefined> {
  const reader = new ResponseReader(payload);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: FetchedPartition[] = [];
    for (let count = reader.int32(); count > 0; count--) {
      const header = readPartitionHeader(reader);
      const batches = reader.bytes();
      if (batches.length > 0 && magicOf(batches) !== RECORD_BATCH_MAGIC) return undefined;
      const messages = batches.length > 0 ? await readRecordBatches(batches, decompressors) : [];
      partitions.push({ ...header, messages });
    }
    responses.push({ topicName, partitions });
  }
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

function readPartitionHeader(reader: ResponseReader): Omit<FetchedPartition, 'messages'> {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const lastStartOffset = reader.int64();
  const abortedTransactions = [];
  for (let count = reader.int32(); count > 0; count--) {
    abortedTransactions.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  }
  const preferredReadReplica = reader.int32();
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions,
    preferredReadReplica,
  };
}

class ResponseReader {
  #position = 0;

  constructor(readonly payload: Buffer) {}

  int16(): number {
    this.#position += 2;
    return this.payload.readInt16BE(this.#position - 2);
  }

  int32(): number {
    this.#position += 4;
    return this.payload.readInt32BE(this.#position - 4);
  }

  /** As a decimal text, like all 64-bit numbers of kafkajs. */
  int64(): string {
    this.#position += 8;
    return String(this.payload.readBigInt64BE(this.#position - 8));
  }

  text(): string {
    const length = this.int16();
    this.#position += length;
    return this.payload.toString('utf8', this.#position - length, this.#position);
  }

  /** Empty for -1, and where they go beyond the end. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const start = this.#position;
    this.#position += length;
    return this.#position <= this.payload.length ? this.payload.subarray(start, this.#position) : Buffer.alloc(0);
  }
}
