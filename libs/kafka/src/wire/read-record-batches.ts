import { emptyNames } from './empty-names.js';
import { VarintReader } from './varint.js';

/** A record as kafkajs hands it on: numbers beyond 32 bits are decimal texts. */
export interface FetchedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | null | (Buffer | null)[]>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

/** What the records of a batch have in common. */
interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly magicByte: number;
}

/** Undefined where the attributes name no compression. */
export type Decompressors = (
  attributes: number,
) => { decompress(payload: Buffer): Buffer | Promise<Buffer> } | null | undefined;

const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const RECORDS_AT = 61;
/** Base offset and length: what the length does not count. */
const LENGTH_BYTES = 12;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Only the format with this magic byte is read here; the older message sets are not. */
export const RECORD_BATCH_MAGIC = 2;

export const magicOf = (batches: Buffer): number => batches.readInt8(MAGIC_AT);

/** The records of all batches in a fetch. The last batch may be cut off, as a fetch is by its size: it is left out. */
export async function readRecordBatches(batches: Buffer, decompressors: Decompressors): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  for (let at = 0; at + RECORDS_AT <= batches.length;) {
    const end = at + LENGTH_BYTES + batches.readInt32BE(at + 8);
    if (end > batches.length) break;
    await readBatch(batches.subarray(at, end), decompressors, records);
    at = end;
  }
  return records;
}

async function readBatch(batch: Buffer, decompressors: Decompressors, records: FetchedRecord[]): Promise<void> {
  const attributes = batch.readInt16BE(ATTRIBUTES_AT);
  const firstOffset = Number(batch.readBigInt64BE(0));
  const firstTimestamp = Number(batch.readBigInt64BE(27));
  const maxTimestamp = String(batch.readBigInt64BE(35));
  const isLogAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
  const context: BatchContext = {
    firstOffset: String(firstOffset),
    firstTimestamp: String(firstTimestamp),
    partitionLeaderEpoch: batch.readInt32BE(12),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
    lastOffsetDelta: batch.readInt32BE(23),
    producerId: String(batch.readBigInt64BE(43)),
    producerEpoch: batch.readInt16BE(51),
    firstSequence: batch.readInt32BE(53),
    maxTimestamp,
    timestampType: isLogAppendTime ? 1 : 0,
    magicByte: RECORD_BATCH_MAGIC,
  };
  const count = batch.readInt32BE(57);
  const codec = decompressors(attributes);
  const payload = batch.subarray(RECORDS_AT);
  const reader = new VarintReader(codec && count > 0 ? await codec.decompress(payload) : payload);
  for (let index = 0; index < count; index++) {
    const end = reader.varint() + reader.position;
    const recordAttributes = reader.bytes.readInt8(reader.position++);
    const timestampDelta = reader.varlong();
    records.push({
      magicByte: RECORD_BATCH_MAGIC,
      attributes: recordAttributes,
      timestamp: isLogAppendTime ? maxTimestamp : String(firstTimestamp + timestampDelta),
      offset: String(firstOffset + reader.varint()),
      key: reader.sizedBytes(),
      value: reader.sizedBytes(),
      headers: readHeaders(reader),
      isControlRecord: context.isControlBatch,
      batchContext: context,
    });
    reader.position = end;
  }
}

function readHeaders(reader: VarintReader): FetchedRecord['headers'] {
  const headers: FetchedRecord['headers'] = emptyNames();
  const count = reader.varint();
  for (let index = 0; index < count; index++) {
    const name = reader.sizedBytes()?.toString('utf8') ?? 'null';
    const value = reader.sizedBytes();
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[name] = [before, value];
  }
  return headers;
}
