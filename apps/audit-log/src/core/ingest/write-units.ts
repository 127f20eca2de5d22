import type { LogRows } from './log-rows.js';
import type { LogUnit } from './log-unit.js';
import { mergeRows } from './merge-rows.js';

/** Where the log is kept. A write is one transaction: all rows or none. */
export interface LogStore {
  /**
   * @throws RowsRefused when the rows themselves are at fault; anything else when the store is
   */
  write(rows: LogRows): Promise<void>;
}

/** A row among these can never be stored, however often it is tried. */
export class RowsRefused extends Error {
  override readonly name = 'RowsRefused';
}

export interface RefusedUnit {
  readonly unit: LogUnit;
  readonly error: RowsRefused;
}

/**
 * Writes units together. When they are refused, halves them until what is at fault stands alone: everything else is
 * stored. Costs two transactions per halving, about 2 log₂ n for one bad record among n.
 *
 * @returns the units that cannot be stored
 */
export async function writeUnits(units: readonly LogUnit[], store: LogStore): Promise<RefusedUnit[]> {
  const [first, ...others] = units;
  if (!first) return [];
  try {
    await store.write(mergeRows(units.map(({ rows }) => rows)));
    return [];
  } catch (error) {
    if (!(error instanceof RowsRefused)) throw error;
    if (others.length === 0) return [{ unit: first, error }];
  }
  const middle = units.length >> 1;
  const left = await writeUnits(units.slice(0, middle), store);
  return [...left, ...(await writeUnits(units.slice(middle), store))];
}
