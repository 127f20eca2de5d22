import { crc32c } from '@node-rs/crc32';
import { type ByteWriter } from './byte-writer.js';

type Bytes = Buffer | string | null | undefined;
type HeaderValue = Bytes | readonly Bytes[];

/** What a record to be written consists of. */
export interface WrittenRecord {
  readonly key?: Bytes;
  readonly value: Bytes;
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly headers?: Readonly<Record<string, HeaderValue>> | undefined;
}

export interface BatchIdentity {
  /** -1 for a producer that is not idempotent. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly isTransactional: boolean;
}

export interface BatchCodec {
  /** The bits of the batch's attributes that name it. */
  readonly type: number;
  compress(records: { readonly buffer: Buffer }): Promise<Buffer>;
}

const MAGIC = 2;
const TRANSACTIONAL = 0x10;
/** Base offset, length, leader epoch, magic, checksum: what the checksum does not cover. */
const ATTRIBUTES_AT = 8 + 4 + 4 + 1 + 4;
const HEADER_BYTES = ATTRIBUTES_AT + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;
/** Length, attributes, times and counts of a record; lengths of a header. At most. */
const RECORD_OVERHEAD_BYTES = 32;
const HEADER_OVERHEAD_BYTES = 10;

const sizeOf = (bytes: Bytes): number => bytes?.length ?? 0;

/** Exact but for characters beyond ASCII. */
export function expectedBytes(records: readonly WrittenRecord[]): number {
  let bytes = HEADER_BYTES;
  for (const record of records) bytes += expectedBytesOf(record);
  return bytes;
}

function expectedBytesOf({ key, value, headers }: WrittenRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + sizeOf(key) + sizeOf(value);
  for (const name in headers) {
    const header = headers[name];
    if (isSeveral(header)) for (const one of header) bytes += HEADER_OVERHEAD_BYTES + name.length + sizeOf(one);
    else bytes += HEADER_OVERHEAD_BYTES + name.length + sizeOf(header);
  }
  return bytes;
}

function isSeveral(header: HeaderValue): header is readonly Bytes[] {
  return Array.isArray(header);
}

/** Appends a batch in Kafka's record format with magic byte 2 (KIP-98). */
export async function writeRecordBatch(
  writer: ByteWriter,
  records: readonly WrittenRecord[],
  identity: BatchIdentity,
  codec?: BatchCodec,
): Promise<void> {
  const start = writer.skip(HEADER_BYTES);
  const firstTimestampMs = Math.min(...records.map(({ timestampMs }) => timestampMs));
  records.forEach((record, index) => {
    writeRecord(writer, record, record.timestampMs - firstTimestampMs, index);
  });
  if (codec !== undefined) {
    const recordsAt = start + HEADER_BYTES;
    const compressed = await codec.compress({ buffer: Buffer.from(writer.written(recordsAt)) });
    writer.truncate(recordsAt);
    writer.bytes(compressed);
  }

  const header = writer.written(start);
  header.writeBigInt64BE(0n, 0);
  header.writeInt32BE(header.length - 12, 8);
  header.writeInt32BE(0, 12);
  header.writeInt8(MAGIC, 16);
  header.writeInt16BE((codec?.type ?? 0) | (identity.isTransactional ? TRANSACTIONAL : 0), ATTRIBUTES_AT);
  header.writeInt32BE(records.length - 1, 23);
  header.writeBigInt64BE(BigInt(firstTimestampMs), 27);
  header.writeBigInt64BE(BigInt(Math.max(...records.map(({ timestampMs }) => timestampMs))), 35);
  header.writeBigInt64BE(identity.producerId, 43);
  header.writeInt16BE(identity.producerEpoch, 51);
  header.writeInt32BE(identity.firstSequence, 53);
  header.writeInt32BE(records.length, 57);
  header.writeUInt32BE(crc32c(header.subarray(ATTRIBUTES_AT)), 17);
}

function writeRecord(writer: ByteWriter, record: WrittenRecord, timestampDelta: number, offsetDelta: number): void {
  const expected = expectedBytesOf(record) - RECORD_OVERHEAD_BYTES / 2;
  const start = writer.beginSized(expected);
  writer.int8(0);
  writer.varlong(timestampDelta);
  writer.varint(offsetDelta);
  writer.sized(record.key);
  writer.sized(record.value);
  writeHeaders(writer, record.headers ?? {});
  writer.endSized(start, expected);
}

function writeHeaders(writer: ByteWriter, headers: Readonly<Record<string, HeaderValue>>): void {
  const names = Object.keys(headers);
  let count = 0;
  for (const name of names) {
    const header = headers[name];
    count += isSeveral(header) ? header.length : 1;
  }
  writer.varint(count);
  for (const name of names) {
    const header = headers[name];
    for (const value of isSeveral(header) ? header : [header]) {
      writer.sized(name);
      writer.sized(value);
    }
  }
}
