import { inTransaction } from '@hookstream/database';
import { type ConfigDocument } from '@hookstream/contracts';
import { type DataSource, type EntityManager, type EntitySchema, MoreThan } from 'typeorm';
import { type z } from 'zod';
import { announce } from './announce.js';
import { outboxRows, type StoredRow } from './rows.js';

const PAGE_ROWS = 500;

/** One kind of configuration, as the reconciler needs it. */
export interface AnnouncedTable {
  readonly table: EntitySchema<StoredRow>;
  readonly announcement: (row: StoredRow) => ConfigDocument;
}

export function announcedTable<State>(mapping: {
  readonly table: EntitySchema<StoredRow>;
  readonly state: z.ZodType<State>;
  readonly document: (state: State) => ConfigDocument;
}): AnnouncedTable {
  return { table: mapping.table, announcement: (row) => mapping.document(mapping.state.parse(row)) };
}

/**
 * Announces again what the `config` topic does not hold although the tables do: after the topic was lost or made anew.
 *
 * @param versionOf what the topic holds of an id; it must have been read to its end
 * @returns how many documents were put into the outbox
 */
export async function announceMissing(
  dataSource: DataSource,
  tables: readonly AnnouncedTable[],
  versionOf: (id: string) => number | undefined,
): Promise<number> {
  let announced = 0;
  for (const { table, announcement } of tables) {
    for (let after = '0'; ;) {
      const rows = await inTransaction(dataSource, (manager) => pageAfter(manager, table, after));
      for (const row of rows) {
        const document = announcement(row);
        if ((versionOf(document.id) ?? 0) >= document.version) continue;
        announced += await inTransaction(dataSource, (manager) => announceAgain(manager, table, announcement, row.id));
      }
      const last = rows.at(-1);
      if (!last) break;
      after = last.seq;
    }
  }
  return announced;
}

function pageAfter(manager: EntityManager, table: EntitySchema<StoredRow>, seq: string): Promise<StoredRow[]> {
  return manager.find(table, { where: { seq: MoreThan(seq) }, order: { seq: 'ASC' }, take: PAGE_ROWS });
}

/** Locks the row, so that its version of now is announced in its turn; what waits in the outbox anyway is left to it. */
async function announceAgain(
  manager: EntityManager,
  table: EntitySchema<StoredRow>,
  announcement: AnnouncedTable['announcement'],
  id: string,
): Promise<number> {
  const row = await manager.findOne(table, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!row || (await manager.existsBy(outboxRows, { key: id }))) return 0;
  await announce(manager, announcement(row));
  return 1;
}
