/** Zig-zag, as Kafka's record format writes signed numbers: small ones of either sign stay short. */
function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** How many bytes a signed 32-bit number takes. */
export function varintBytes(value: number): number {
  const encoded = zigZag(value);
  if (encoded < 0x80) return 1;
  if (encoded < 0x4000) return 2;
  if (encoded < 0x20_0000) return 3;
  return encoded < 0x1000_0000 ? 4 : 5;
}

/** @returns the position after it */
export function writeVarint(target: Buffer, value: number, at: number): number {
  let rest = zigZag(value);
  let position = at;
  while (rest >= 0x80) {
    target[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[position++] = rest;
  return position;
}

/** Exact for whole numbers from 0 to 2^52. Returns the position after it. */
export function writeUnsignedVarlong(target: Buffer, value: number, at: number): number {
  let rest = value * 2;
  let position = at;
  while (rest >= 0x80) {
    target[position++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[position++] = rest;
  return position;
}

/** Reads numbers from bytes, one after the other; a number that is cut short throws a RangeError. */
export class VarintReader {
  constructor(
    readonly bytes: Buffer,
    public position = 0,
  ) {}

  varint(): number {
    let encoded = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      encoded |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (encoded >>> 1) ^ -(encoded & 1);
    }
    throw new RangeError('A number of a record has more than 5 bytes');
  }

  /** Exact up to 2^52 either side of 0: no two times lie farther apart. */
  varlong(): number {
    let encoded = 0;
    let unit = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      encoded += (byte & 0x7f) * unit;
      if (byte < 0x80) return encoded % 2 === 0 ? encoded / 2 : -(encoded + 1) / 2;
      unit *= 128;
    }
    throw new RangeError('A number of a record has more than 10 bytes');
  }

  /** The next bytes, not copied; `null` where their length is -1. */
  sizedBytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const start = this.position;
    this.position += length;
    if (this.position > this.bytes.length) throw new RangeError('A record ends within its bytes');
    return this.bytes.subarray(start, this.position);
  }

  #byte(): number {
    const byte = this.bytes[this.position++];
    if (byte === undefined) throw new RangeError('A record ends within a number');
    return byte;
  }
}
