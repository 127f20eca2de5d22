/** Header values as Kafka carries them: bytes; a name that occurs several times has all its values, in order. */
export type RecordHeaders = Readonly<Record<string, Buffer | readonly Buffer[] | undefined>>;

/** A record as read from a topic. Offsets are numbers: exact up to 2^53. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch, set by producer or broker (`message.timestamp.type`). */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** A record to be written. Without a partition the key decides, as in Kafka's own clients (murmur2). */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** The first value of a header as bytes, if there is one. */
export function headerBytes(headers: RecordHeaders, name: string): Buffer | undefined {
  if (!Object.hasOwn(headers, name)) return undefined;
  const value = headers[name];
  return Buffer.isBuffer(value) ? value : value?.[0];
}

/** The first value of a header as UTF-8 text, if there is one. */
export function headerText(headers: RecordHeaders, name: string): string | undefined {
  return headerBytes(headers, name)?.toString('utf8');
}
