const WORD_BITS = 32;

/**
 * One bit per offset for a sliding range of offsets, in a ring: offset `n` and `n + size` share a bit, so its owner clears
 * what it leaves behind. Searches go by words: a long run costs a 32nd of its length.
 */
export class OffsetRing {
  /** Offsets it can tell apart: the size asked for, rounded up to whole words. */
  readonly size: number;
  private readonly words: Uint32Array;

  constructor(minSize: number) {
    this.words = new Uint32Array(Math.ceil(minSize / WORD_BITS));
    this.size = this.words.length * WORD_BITS;
  }

  has(offset: number): boolean {
    const index = offset % this.size;
    return ((this.word(index) >>> (index % WORD_BITS)) & 1) === 1;
  }

  set(offset: number): void {
    const index = offset % this.size;
    this.words[index >>> 5] = this.word(index) | (1 << (index % WORD_BITS));
  }

  clearRange(from: number, to: number): void {
    for (let offset = from; offset < to; offset += 1) {
      const index = offset % this.size;
      this.words[index >>> 5] = this.word(index) & ~(1 << (index % WORD_BITS));
    }
  }

  /** The first offset of [from, to) whose bit is set, else `to`. */
  findSet(from: number, to: number): number {
    return this.find(from, to, 0);
  }

  /** The first offset of [from, to) whose bit is not set, else `to`. */
  findClear(from: number, to: number): number {
    return this.find(from, to, 0xffffffff);
  }

  private find(from: number, to: number, flip: number): number {
    let offset = from;
    while (offset < to) {
      const index = offset % this.size;
      const bits = ((this.word(index) ^ flip) >>> (index % WORD_BITS)) >>> 0;
      if (bits !== 0) return Math.min(to, offset + trailingZeros(bits));
      offset += WORD_BITS - (index % WORD_BITS);
    }
    return to;
  }

  private word(index: number): number {
    return this.words[index >>> 5] ?? 0;
  }
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
