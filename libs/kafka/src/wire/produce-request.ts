import { type RecordPosition } from '../ports.js';
import { ByteWriter } from './byte-writer.js';
import { expectedBytes, writeRecordBatch, type BatchCodec, type WrittenRecord } from './write-record-batch.js';

/** What kafkajs asks to be sent, in the parts that are used here. */
export interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null | undefined;
  /** A 64-bit number in kafkajs's own type, which prints itself as decimal. */
  readonly producerId?: { toString(): string } | undefined;
  readonly producerEpoch?: number | undefined;
  readonly compression?: number | undefined;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence?: number | undefined;
      readonly messages: readonly ProducedMessage[];
    }[];
  }[];
}

export interface ProducedMessage extends Omit<WrittenRecord, 'timestampMs'> {
  readonly timestamp?: string | number | null | undefined;
  /** Told where the record stands, by the broker's answer; perhaps more than once when it is sent again. */
  written?(position: RecordPosition): void;
}

/** The answer, in the parts that are used here. */
export interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      readonly baseOffset: string;
    }[];
  }[];
}

/** By the number of a compression; undefined for none. */
export type Codecs = (compression: number) => Pick<BatchCodec, 'compress'> | null | undefined;

const NO_PRODUCER_ID = '-1';
/** Of a request, a topic and a partition, apart from names and records. */
const OVERHEAD_BYTES = 16;

/** The body of a Produce request, version 3 to 7 (they differ in the answer alone). */
export async function writeProduceRequest(request: ProduceRequest, codecs: Codecs, nowMs: number): Promise<Buffer> {
  const { acks, timeout, transactionalId, producerId, producerEpoch, compression = 0 } = request;
  const topics = request.topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, firstSequence = 0, messages }) => ({
      partition,
      firstSequence,
      records: messages.map((message) => toRecord(message, nowMs)),
    })),
  }));
  const codec = codecs(compression);
  const writer = new ByteWriter(expectedRequestBytes(topics));
  if (typeof transactionalId === 'string') writer.int16Text(transactionalId);
  else writer.int16(-1);
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topics.length);
  for (const { topic, partitions } of topics) {
    writer.int16Text(topic);
    writer.int32(partitions.length);
    for (const { partition, firstSequence, records } of partitions) {
      writer.int32(partition);
      const sizeAt = writer.skip(4);
      const identity = {
        producerId: BigInt(producerId?.toString() ?? NO_PRODUCER_ID),
        producerEpoch: producerEpoch ?? 0,
        firstSequence,
        isTransactional: typeof transactionalId === 'string',
      };
      await writeRecordBatch(
        writer,
        records,
        identity,
        codec ? { type: compression, compress: codec.compress } : undefined,
      );
      writer.at.writeInt32BE(writer.length - sizeAt - 4, sizeAt);
    }
  }
  return writer.written();
}

/** Tells the messages of each partition that the answer accepts where they stand, also where it refuses another partition. */
export function tellWritten({ topicData }: ProduceRequest, answer: ProduceAnswer): void {
  for (const { topicName, partitions } of answer.topics) {
    const asked = topicData.find(({ topic }) => topic === topicName)?.partitions;
    for (const { partition, errorCode, baseOffset } of partitions) {
      if (errorCode !== 0) continue;
      const first = Number(baseOffset);
      asked
        ?.find((one) => one.partition === partition)
        ?.messages.forEach((message, i) => {
          // A broker that recognises a repeat of an idempotent batch may answer -1.
          message.written?.({ partition, offset: first < 0 ? undefined : first + i });
        });
    }
  }
}

function toRecord({ key, value, headers, timestamp }: ProducedMessage, nowMs: number): WrittenRecord {
  const givenMs = timestamp === null || timestamp === undefined ? nowMs : Number(timestamp);
  return { key, value, headers, timestampMs: givenMs };
}

function expectedRequestBytes(
  topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly records: readonly WrittenRecord[] }[];
  }[],
): number {
  let bytes = OVERHEAD_BYTES;
  for (const { topic, partitions } of topics) {
    bytes += OVERHEAD_BYTES + topic.length;
    for (const { records } of partitions) bytes += OVERHEAD_BYTES + expectedBytes(records);
  }
  return bytes;
}
