import type { EntityManager } from 'typeorm';
import type { Day } from '../core/day.js';
import { RecentMap } from '../core/recent-map.js';
import { encodeArray, TEXT } from './binary-array.js';
import { rowsOf, textOf } from './result-rows.js';

/** An id is heard of three times, mostly within seconds: as an event, as routed, as attempted. */
const REMEMBERED = { maxEntries: 50_000, maxAgeMs: 3_600_000 };

export interface PlacedIds {
  readonly days: ReadonlyMap<string, Day>;
  /** Some of those that nobody had placed: nothing about them is in the log, nor can another writer bring it there yet. */
  readonly fresh: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The day partition that each event (or dead letter) and all about it lies in: the day it was first heard of, kept in one
 * narrow table over all days. It never changes while its day is kept, so it is remembered for a while.
 */
export class Placements {
  private readonly remembered = new RecentMap<string, Day>(REMEMBERED);

  /**
   * Ids not heard of before are placed in `today`. Of two writers that place one id the second waits for the first and
   * takes its day.
   *
   * @param ids sorted, each once
   */
  async place(manager: EntityManager, ids: readonly string[], today: Day): Promise<PlacedIds> {
    const days = new Map<string, Day>();
    const unknown: string[] = [];
    this.remembered.forgetOld();
    for (const id of ids) {
      const day = this.remembered.get(id);
      if (day === undefined) unknown.push(id);
      else days.set(id, day);
    }
    if (unknown.length === 0) return { days, fresh: NONE };
    if ((await insertNew(manager, unknown, today)) === unknown.length) {
      for (const id of unknown) days.set(id, today);
      return { days, fresh: new Set(unknown) };
    }
    await readDays(manager, unknown, days);
    return { days, fresh: NONE };
  }

  /** To be called when the transaction that placed them is committed. */
  remember(days: ReadonlyMap<string, Day>): void {
    for (const [id, day] of days) if (this.remembered.get(id) === undefined) this.remembered.set(id, day);
  }
}

/** How many of the ids were not there yet. */
async function insertNew(manager: EntityManager, ids: readonly string[], today: Day): Promise<unknown> {
  const answer: unknown = await manager.query(
    `WITH placed AS (
       INSERT INTO placements SELECT unnest($1::text[]), $2::date ON CONFLICT DO NOTHING RETURNING 1
     ) SELECT count(*)::integer AS count FROM placed`,
    [encodeArray(TEXT, ids), today],
  );
  return rowsOf(answer)[0]?.['count'];
}

async function readDays(manager: EntityManager, ids: readonly string[], days: Map<string, Day>): Promise<void> {
  const known: unknown = await manager.query('SELECT id, day::text FROM placements WHERE id = ANY($1::text[])', [
    encodeArray(TEXT, ids),
  ]);
  for (const row of rowsOf(known)) days.set(textOf(row, 'id'), textOf(row, 'day'));
}
