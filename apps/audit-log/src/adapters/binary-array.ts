/**
 * Arrays as PostgreSQL's `array_recv` reads them: neither side writes or reads each value as quoted text, which cost more
 * than the insert's own work on either side.
 */

/** A value that its column cannot hold. Never quotes it. */
export class UnfitValue extends Error {
  override readonly name = 'UnfitValue';
}

/** What an element type is called in SQL, its OID (pg_type.dat; fixed for ever), and how a value becomes bytes. */
export interface ElementType<Value> {
  readonly sql: string;
  readonly oid: number;
  readonly sizeOf: (value: Value) => number;
  /** Writes exactly `sizeOf` bytes. */
  readonly write: (target: Buffer, value: Value, at: number) => void;
}

const EPOCH_2000_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;
const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

export const TEXT: ElementType<string> = {
  sql: 'text',
  oid: 25,
  sizeOf: (value) => Buffer.byteLength(value),
  write: (target, value, at) => void target.write(value, at),
};

export const BYTES: ElementType<Buffer> = {
  sql: 'bytea',
  oid: 17,
  sizeOf: (value) => value.length,
  write: (target, value, at) => void value.copy(target, at),
};

export const INTEGER: ElementType<number> = {
  sql: 'integer',
  oid: 23,
  sizeOf: () => 4,
  write: (target, value, at) => {
    if (!Number.isInteger(value) || value < INT32.min || value > INT32.max) throw new UnfitValue('no 32-bit integer');
    target.writeInt32BE(value, at);
  },
};

export const BIGINT: ElementType<number> = { sql: 'bigint', oid: 20, sizeOf: () => 8, write: writeInt64 };

export const BOOLEAN: ElementType<boolean> = {
  sql: 'boolean',
  oid: 16,
  sizeOf: () => 1,
  write: (target, value, at) => void target.writeUInt8(value ? 1 : 0, at),
};

/** `2026-05-18`, as the days since 2000. */
export const DATE: ElementType<string> = {
  sql: 'date',
  oid: 1082,
  sizeOf: () => 4,
  write: (target, value, at) => {
    INTEGER.write(target, (Date.parse(`${value}T00:00:00Z`) - EPOCH_2000_MS) / DAY_MS, at);
  },
};

/** From milliseconds since 1970, as the microseconds since 2000. */
export const TIME: ElementType<number> = {
  sql: 'timestamptz',
  oid: 1184,
  sizeOf: () => 8,
  write: (target, value, at) => {
    writeInt64(target, (value - EPOCH_2000_MS) * 1_000, at);
  },
};

function writeInt64(target: Buffer, value: number, at: number): void {
  if (!Number.isSafeInteger(value)) throw new UnfitValue('no integer of 53 bits');
  target.writeInt32BE(Math.floor(value / 2 ** 32), at);
  target.writeInt32BE(value | 0, at + 4);
}

/** Dimensions, whether it has nulls, the element type, the length of the one dimension, its lower bound. */
const HEADER_BYTES = 5 * 4;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** @throws UnfitValue for a value outside its type's range */
export function encodeArray<Value>(type: ElementType<Value>, values: readonly (Value | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : type.sizeOf(value)));
  let size = HEADER_BYTES;
  for (const length of lengths) size += LENGTH_BYTES + Math.max(0, length);
  const bytes = Buffer.allocUnsafe(size);
  const hasNulls = values.includes(null);
  [1, hasNulls ? 1 : 0, type.oid, values.length, 1].forEach((word, index) => bytes.writeInt32BE(word, index * 4));
  let at = HEADER_BYTES;
  values.forEach((value, index) => {
    const length = lengths[index] ?? NULL_LENGTH;
    bytes.writeInt32BE(length, at);
    at += LENGTH_BYTES;
    if (value === null) return;
    type.write(bytes, value, at);
    at += length;
  });
  return bytes;
}
