/** What Java's SnappyOutputStream puts before its blocks: magic, then 8 bytes of version and compatible version. */
const JAVA_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const JAVA_HEADER_BYTES = JAVA_MAGIC.length + 8;

/** The blocks of a snappy payload: Java frames them with 4-byte lengths, librdkafka and we write one plain block. */
export function snappyBlocks(payload: Buffer): readonly Buffer[] {
  if (!payload.subarray(0, JAVA_MAGIC.length).equals(JAVA_MAGIC)) return [payload];
  const blocks: Buffer[] = [];
  for (let at = JAVA_HEADER_BYTES; at < payload.length;) {
    const length = payload.readUInt32BE(at);
    const end = at + 4 + length;
    if (end > payload.length) throw new RangeError(`A snappy block ends at ${end} of ${payload.length} bytes`);
    blocks.push(payload.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}
