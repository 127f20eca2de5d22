import { type ConsumedRecord, type RecordHeaders } from '@hookstream/contracts';
import { type IHeaders, type KafkaMessage } from 'kafkajs';
import { emptyNames } from '../wire/empty-names.js';

const NO_HEADERS: RecordHeaders = Object.freeze(emptyNames<never>());

const bytes = (value: Buffer | string): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);

/** Headers as bytes. A header without a value (librdkafka writes such) is left out. */
export function recordHeaders(headers: IHeaders | undefined): RecordHeaders {
  if (headers === undefined) return NO_HEADERS;
  const names = Object.keys(headers);
  if (names.length === 0) return NO_HEADERS;
  const result = emptyNames<Buffer | readonly Buffer[]>();
  for (const name of names) {
    const value: unknown = headers[name];
    if (Array.isArray(value)) {
      result[name] = value.filter((one): one is Buffer | string => one !== null && one !== undefined).map(bytes);
    } else if (typeof value === 'string' || value instanceof Buffer) {
      result[name] = bytes(value);
    }
  }
  return result;
}

export function consumedRecord(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: recordHeaders(message.headers),
  };
}
