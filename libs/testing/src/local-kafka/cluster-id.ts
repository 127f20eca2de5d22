import { randomBytes } from 'node:crypto';

/** A new Kafka cluster id: 16 random bytes in base64url. Its first letter is never `-`, which Kafka's tools take for an option. */
export function newClusterId(random: (size: number) => Buffer = randomBytes): string {
  const bytes = Buffer.from(random(16));
  // Of the 64 letters only the last two are not alphanumeric, and the first bit chooses between the halves.
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString('base64url');
}
