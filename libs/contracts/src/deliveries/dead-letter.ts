import { z } from 'zod';
import { idOf } from '../ids.js';
import { jsonHeader } from '../json-header.js';
import { leftOut } from '../lean-schemas.js';
import type { ConsumedRecord, OutgoingRecord, RecordHeaders } from '../record.js';

const deadLetterSchema = z.object({
  /**
   * Stable word: `undecodable`, `oversize`, `missing-type`, `invalid-type`, `unknown-organization`, `loop`, `invalid-json`,
   * `schema-invalid`, `unknown-subscription`, `template-failed`, `defect`.
   */
  reason: z.string(),
  /** For a person; never the payload. */
  detail: z.string(),
  stage: z.enum(['config-api', 'router', 'dispatcher', 'retry-scheduler', 'audit-log']),
  atMs: z.number(),
  origin: z.object({ topic: z.string(), partition: z.number(), offset: z.number(), timestampMs: z.number() }),
  organization: leftOut(idOf('org')),
  event: leftOut(idOf('evt')),
  delivery: leftOut(idOf('dlv')),
  subscription: leftOut(idOf('sub')),
  /** The record's key and headers, base64: nothing of the record is lost. */
  key: z.string().nullable(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  /** Bytes of the record's value; more than the value here when it had to be cut. */
  valueBytes: z.number().nullable(),
});

/** Why a record could not become, or stay, a delivery; the raw value travels as the record's value. */
export type DeadLetter = z.infer<typeof deadLetterSchema>;
export interface DeadLetterWithValue extends DeadLetter {
  readonly value: Buffer | null;
}

const DEAD_LETTER_HEADER = 'dead-letter';

export type DeadLetterCause = Pick<
  DeadLetter,
  'reason' | 'detail' | 'stage' | 'atMs' | 'organization' | 'event' | 'delivery' | 'subscription'
>;

/** The dead letter of a record, with everything it held. `maxValueBytes` cuts the raw value; `valueBytes` tells. */
export function encodeDeadLetter(
  topic: string,
  record: ConsumedRecord,
  cause: DeadLetterCause,
  maxValueBytes: number,
): OutgoingRecord {
  const { partition, offset, timestamp: timestampMs } = record;
  const letter: DeadLetter = {
    ...cause,
    origin: { topic: record.topic, partition, offset, timestampMs },
    key: record.key?.toString('base64') ?? null,
    headers: flattenHeaders(record.headers),
    valueBytes: record.value?.length ?? null,
  };
  return {
    topic,
    key: cause.organization ?? record.topic,
    value: record.value?.subarray(0, maxValueBytes) ?? null,
    headers: { [DEAD_LETTER_HEADER]: JSON.stringify(letter) },
  };
}

/** @throws PoisonRecord when the record was not written by Hookstream */
export function decodeDeadLetter(record: ConsumedRecord): DeadLetterWithValue {
  return { ...jsonHeader(deadLetterSchema, record.headers, DEAD_LETTER_HEADER), value: record.value };
}

function flattenHeaders(headers: RecordHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = value === undefined ? [] : Buffer.isBuffer(value) ? [value] : value;
    return values.map((bytes): [string, string] => [name, bytes.toString('base64')]);
  });
}
