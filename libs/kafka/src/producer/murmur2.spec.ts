import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
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

  it('chooses as kafkajs does', () => {
    const choose = kafkajs.Partitioners.DefaultPartitioner();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        fc.integer({ min: 1, max: 50 }),
        (key, count) => {
          const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
            ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [], isr: [] },
          }));
          const message = { key, value: null };
          expect(partitionOfKey(key, count)).toBe(choose({ topic: 't', partitionMetadata, message }));
        },
      ),
    );
  });
});
