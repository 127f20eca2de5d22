import { describe, expect, it } from '@jest/globals';
import { murmur2, partitionOfKey } from './murmur2.js';

describe('murmur2', () => {
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])("hashes %s as Kafka's own tests have it", (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it.each([
    ['', 9],
    ['sub_1', 3],
    ['žluť', 10],
  ])('gives the key "%s" the partition of twelve that the real producer gives it', (key, partition) => {
    expect(partitionOfKey(key, 12)).toBe(partition);
  });
});
