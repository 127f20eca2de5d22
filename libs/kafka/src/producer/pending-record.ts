import { type OutgoingRecord } from '@hookstream/contracts';
import { type RecordPosition } from '../ports.js';

/** A record accepted and not yet acknowledged. Exactly one of the two callbacks is called, once. */
export interface PendingRecord {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly acknowledge: (position: RecordPosition) => void;
  readonly reject: (error: Error) => void;
  /** Asked whenever it is about to be written. */
  readonly mayWrite?: (() => boolean) | undefined;
}

/** What the record batch format adds to a record and to each header, at most. */
const RECORD_OVERHEAD_BYTES = 32;
const HEADER_OVERHEAD_BYTES = 10;

/** An upper bound of a record's bytes on the wire, uncompressed. */
export function recordBytes({ key, value, headers }: OutgoingRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (value?.length ?? 0) + (key === null ? 0 : Buffer.byteLength(key));
  for (const name of Object.keys(headers ?? {})) {
    bytes += HEADER_OVERHEAD_BYTES + Buffer.byteLength(name) + Buffer.byteLength(headers?.[name] ?? '');
  }
  return bytes;
}
