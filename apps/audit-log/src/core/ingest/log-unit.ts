import type { ConsumedRecord } from '@hookstream/contracts';
import { countRows, type LogRows } from './log-rows.js';

/** A record and what it adds to the log: written whole or, when the database refuses it, not at all. */
export interface LogUnit {
  readonly record: ConsumedRecord;
  readonly rows: LogRows;
}

/** What a row costs besides the record's own bytes: attributes as objects, and as parameters of a statement. */
const ROW_BYTES = 1_024;

/** Roughly what a unit takes of memory while it waits to be written. */
export function weightOf({ record, rows }: LogUnit): number {
  return (record.value?.length ?? 0) + countRows(rows) * ROW_BYTES;
}
