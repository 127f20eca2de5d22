/** What a topic is at the moment. Made anew under the same name, it has another id. */
export interface TopicShape {
  readonly id: string;
  readonly partitions: number;
}

const METADATA = 3;
/** The first that tells ids, of brokers from 2.8 on; kafkajs speaks 6 at most. */
const VERSION = 10;
const UUID_BYTES = 16;
const INT_BYTES = 4;

/** A request in the form in which kafkajs's connections send any. */
export interface ShapesRequest {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    decode(payload: Buffer): Promise<ShapesAnswer>;
    parse(answer: ShapesAnswer): Promise<ReadonlyMap<string, TopicShape>>;
  };
}

interface ShapesAnswer {
  /** Milliseconds; read by kafkajs. */
  readonly clientSideThrottleTime: number;
  readonly shapes: ReadonlyMap<string, TopicShape>;
}

/** Asks what topics are; those that do not exist, or may not be seen, are not in the answer. */
export function shapesRequest(topics: readonly string[]): ShapesRequest {
  const buffer = writeRequest(topics);
  return {
    request: {
      apiKey: METADATA,
      apiVersion: VERSION,
      apiName: 'Metadata',
      encode: () => Promise.resolve({ buf: buffer, buffer }),
    },
    response: {
      decode: (payload) => Promise.resolve(readAnswer(payload)),
      parse: ({ shapes }) => Promise.resolve(shapes),
    },
  };
}

function writeRequest(topics: readonly string[]): Buffer {
  const parts = [noTags(), compactLength(topics.length)];
  for (const topic of topics) {
    const name = Buffer.from(topic);
    parts.push(Buffer.alloc(UUID_BYTES), compactLength(name.length), name, noTags());
  }
  // No topic is to be made, no permission to be told.
  return Buffer.concat([...parts, Buffer.from([0, 0, 0]), noTags()]);
}

function noTags(): Buffer {
  return Buffer.from([0]);
}

/** KIP-482: one more than the length, as an unsigned varint; none is 0. */
function compactLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length + 1;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** From the tags of the response's header on. */
function readAnswer(payload: Buffer): ShapesAnswer {
  const reader = new CompactReader(payload);
  reader.tags();
  const clientSideThrottleTime = reader.int32();
  reader.each(() => {
    reader.skip(INT_BYTES);
    reader.bytes();
    reader.skip(INT_BYTES);
    reader.bytes();
    reader.tags();
  });
  reader.bytes();
  reader.skip(INT_BYTES);
  const shapes = new Map<string, TopicShape>();
  reader.each(() => {
    const errorCode = reader.int16();
    const name = reader.bytes().toString();
    const id = reader.take(UUID_BYTES).toString('hex');
    reader.skip(1);
    const partitions = reader.each(() => {
      reader.skip(2 + 3 * INT_BYTES);
      for (let list = 0; list < 3; list += 1) reader.each(() => reader.skip(INT_BYTES));
      reader.tags();
    });
    reader.skip(INT_BYTES);
    reader.tags();
    if (errorCode === 0) shapes.set(name, { id, partitions });
  });
  return { clientSideThrottleTime, shapes };
}

class CompactReader {
  #at = 0;

  constructor(readonly payload: Buffer) {}

  int16(): number {
    return this.take(2).readInt16BE();
  }

  int32(): number {
    return this.take(INT_BYTES).readInt32BE();
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** @throws RangeError beyond the end */
  take(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.payload.length) throw new RangeError('the answer is shorter than it says');
    const taken = this.payload.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** With its length in front; empty for none. */
  bytes(): Buffer {
    return this.take(Math.max(0, this.#unsigned() - 1));
  }

  /** Returns how many there are. */
  each(read: () => void): number {
    const count = Math.max(0, this.#unsigned() - 1);
    for (let left = count; left > 0; left -= 1) read();
    return count;
  }

  tags(): void {
    for (let left = this.#unsigned(); left > 0; left -= 1) {
      this.#unsigned();
      this.skip(this.#unsigned());
    }
  }

  #unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.take(1).readUInt8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}
