const M = 0x5bd1_e995;
const SEED = 0x9747_b28c;

/** The hash by which Kafka's clients choose a key's partition (`org.apache.kafka.common.utils.Utils.murmur2`). */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const at = (i: number) => bytes[i] ?? 0;
  const aligned = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < aligned; i += 4) {
    let k = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length & 3;
  if (rest === 3) h ^= at(aligned + 2) << 16;
  if (rest >= 2) h ^= at(aligned + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ at(aligned), M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

export function partitionOfKey(key: string | Buffer, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fff_ffff) % partitions;
}
