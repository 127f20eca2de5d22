import { varintBytes, writeUnsignedVarlong, writeVarint } from './varint.js';

/** Longest of a number in the record format, and of UTF-8 per unit of a string. */
const VARINT_BYTES = 5;
const VARLONG_BYTES = 10;
const UTF8_BYTES = 3;

/** Bytes that are written front to back, once, with room for lengths that are known only afterwards. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written; not copied, so write no more. */
  written(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length);
  }

  /** Takes back what was written from there on. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Leaves bytes out, to be written by `at`. Returns where they begin. */
  skip(count: number): number {
    this.#makeRoom(count);
    const start = this.#length;
    this.#length += count;
    return start;
  }

  /** The whole, for what `skip` left out. */
  get at(): Buffer {
    return this.#bytes;
  }

  int16(value: number): void {
    const at = this.skip(2);
    this.#bytes.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.skip(4);
    this.#bytes.writeInt32BE(value, at);
  }

  /** For whole numbers of 53 bits. */
  int64(value: number): void {
    this.int32(Math.floor(value / 2 ** 32));
    this.int32(value | 0);
  }

  int8(value: number): void {
    const at = this.skip(1);
    this.#bytes[at] = value;
  }

  varint(value: number): void {
    this.#makeRoom(VARINT_BYTES);
    this.#length = writeVarint(this.#bytes, value, this.#length);
  }

  /** For whole numbers from 0 to 2^52. */
  varlong(value: number): void {
    this.#makeRoom(VARLONG_BYTES);
    this.#length = writeUnsignedVarlong(this.#bytes, value, this.#length);
  }

  bytes(bytes: Buffer): void {
    this.#makeRoom(bytes.length);
    this.#length += bytes.copy(this.#bytes, this.#length);
  }

  int16Text(text: string): void {
    const start = this.skip(2);
    this.#makeRoom(text.length * UTF8_BYTES);
    this.#length += this.#bytes.write(text, this.#length);
    this.#bytes.writeInt16BE(this.#length - start - 2, start);
  }

  /** With its length in front; -1 for none. */
  sized(value: Buffer | string | null | undefined): void {
    if (value === null || value === undefined) {
      this.varint(-1);
    } else if (typeof value === 'string') {
      const start = this.beginSized(value.length);
      this.#makeRoom(value.length * UTF8_BYTES);
      this.#length += this.#bytes.write(value, this.#length);
      this.endSized(start, value.length);
    } else {
      this.varint(value.length);
      this.bytes(value);
    }
  }

  /** Leaves room for the length of what follows, which `endSized` writes. */
  beginSized(expectedBytes: number): number {
    return this.skip(varintBytes(expectedBytes)) + varintBytes(expectedBytes);
  }

  /** Moves what was written where its length takes more or fewer bytes than expected. */
  endSized(start: number, expectedBytes: number): void {
    const size = this.#length - start;
    const reserved = varintBytes(expectedBytes);
    const moved = varintBytes(size) - reserved;
    if (moved !== 0) {
      if (moved > 0) this.#makeRoom(moved);
      this.#bytes.copyWithin(start + moved, start, this.#length);
      this.#length += moved;
    }
    writeVarint(this.#bytes, size, start - reserved);
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
