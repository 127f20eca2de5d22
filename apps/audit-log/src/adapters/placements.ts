import type { EntityManager } from 'typeorm';
import type { Day } from '../core/day.js';
import { rowsOf, textOf } from './result-rows.js';

/**
 * The day partition that each event (or dead letter) and all about it lies in: the day it was first heard of, kept in one
 * narrow table over all days. Ids not heard of before are placed in `today`. Of two writers that place one id the second
 * waits for the first and takes its day.
 *
 * @param ids sorted, each once
 */
export async function placeIds(
  manager: EntityManager,
  ids: readonly string[],
  today: Day,
): Promise<ReadonlyMap<string, Day>> {
  const days = new Map<string, Day>();
  await readDays(manager, ids, days);
  const unknown = ids.filter((id) => !days.has(id));
  if (unknown.length === 0) return days;

  const placed: unknown = await manager.query(
    'INSERT INTO placements SELECT unnest($1::text[]), $2::date ON CONFLICT DO NOTHING RETURNING id, day::text',
    [unknown, today],
  );
  for (const row of rowsOf(placed)) days.set(textOf(row, 'id'), textOf(row, 'day'));
  const placedByOthers = unknown.filter((id) => !days.has(id));
  if (placedByOthers.length > 0) await readDays(manager, placedByOthers, days);
  return days;
}

async function readDays(manager: EntityManager, ids: readonly string[], days: Map<string, Day>): Promise<void> {
  const known: unknown = await manager.query('SELECT id, day::text FROM placements WHERE id = ANY($1)', [ids]);
  for (const row of rowsOf(known)) days.set(textOf(row, 'id'), textOf(row, 'day'));
}
