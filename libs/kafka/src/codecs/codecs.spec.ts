import { describe, expect, it } from '@jest/globals';
import { compressSync } from 'snappy';
import { lz4Codec, snappyCodec, zstdCodec } from './codecs.js';
import { snappyBlocks } from './snappy-framing.js';

const plain = Buffer.from('an event, an event, an event, '.repeat(500));

function javaFramed(blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from('82534e415050590000000001000000010', 'hex').subarray(0, 16);
  const lengths = blocks.map((block) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    return length;
  });
  return Buffer.concat([header, ...blocks.flatMap((block, i) => [lengths[i] ?? Buffer.alloc(0), block])]);
}

describe('compression codecs', () => {
  it.each([
    ['snappy', snappyCodec],
    ['lz4', lz4Codec],
    ['zstd', zstdCodec],
  ])('%s gives back what it was given, smaller in between', async (_name, codec) => {
    const packed = await codec.compress({ buffer: plain });
    expect(packed.length).toBeLessThan(plain.length / 5);
    expect((await codec.decompress(packed)).equals(plain)).toBe(true);
  });

  it('reads the several framed snappy blocks of the Java client', async () => {
    const framed = javaFramed([compressSync(plain.subarray(0, 4000)), compressSync(plain.subarray(4000))]);
    expect((await snappyCodec.decompress(framed)).equals(plain)).toBe(true);
  });

  it('refuses a framed block that ends outside the payload', () => {
    const framed = javaFramed([compressSync(plain)]);
    expect(() => snappyBlocks(framed.subarray(0, framed.length - 1))).toThrow(RangeError);
  });
});
