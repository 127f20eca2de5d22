import { ByteWriter } from './byte-writer.js';

/** What kafkajs asks of a broker. Whole numbers below 2^53 come as decimal texts. */
export interface FetchRequest {
  readonly replicaId?: number;
  readonly isolationLevel?: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
  readonly rackId?: string;
}

const CONSUMER = -1;
const READ_COMMITTED = 1;
/** A fetch outside any session (KIP-227). */
const NO_SESSION = { id: 0, epoch: -1 };
const UNKNOWN = -1;
const HEADER_BYTES = 40;
const TOPIC_BYTES = 6;
const PARTITION_BYTES = 28;

/** The body of a Fetch request, version 11. */
export function writeFetchRequest(request: FetchRequest): Buffer {
  const { topics, rackId = '' } = request;
  const writer = new ByteWriter(expectedBytes(topics) + rackId.length);
  writer.int32(request.replicaId ?? CONSUMER);
  writer.int32(request.maxWaitTime);
  writer.int32(request.minBytes);
  writer.int32(request.maxBytes);
  writer.int8(request.isolationLevel ?? READ_COMMITTED);
  writer.int32(NO_SESSION.id);
  writer.int32(NO_SESSION.epoch);
  writer.int32(topics.length);
  for (const { topic, partitions } of topics) {
    writer.int16Text(topic);
    writer.int32(partitions.length);
    for (const { partition, fetchOffset, maxBytes } of partitions) {
      writer.int32(partition);
      writer.int32(UNKNOWN);
      writer.int64(Number(fetchOffset));
      writer.int64(UNKNOWN);
      writer.int32(maxBytes);
    }
  }
  writer.int32(0);
  writer.int16Text(rackId);
  return writer.written();
}

function expectedBytes(topics: FetchRequest['topics']): number {
  let bytes = HEADER_BYTES;
  for (const { topic, partitions } of topics) {
    bytes += TOPIC_BYTES + topic.length + PARTITION_BYTES * partitions.length;
  }
  return bytes;
}
