import { inTransaction } from '@hookstream/database';
import type { DataSource, EntityManager } from 'typeorm';
import { addDays, expiredDays, type Day } from '../core/day.js';
import { rowsOf, textOf } from './result-rows.js';

const PARTITIONED = ['events', 'routings', 'deliveries', 'attempts', 'dead_letters'] as const;
/** A lock on a table that queries use is waited for no longer: they would wait behind it. The next round tries again. */
const LOCK_TIMEOUT = "SET LOCAL lock_timeout = '3s'";

/** The day partitions of the log. All tables have the same days. */
export class Partitions {
  private known = new Set<Day>();

  constructor(private readonly dataSource: DataSource) {}

  /** Makes the partitions of days that have none yet. Several replicas may do so at once. */
  async ensure(days: Iterable<Day>): Promise<void> {
    const missing = [...new Set(days)].filter((day) => !this.known.has(day)).sort();
    if (missing.length === 0) return;
    await inTransaction(this.dataSource, async (manager) => {
      await lockPartitioning(manager);
      const present = new Set(await listDays(manager));
      for (const day of missing) if (!present.has(day)) await createDay(manager, day);
    });
    for (const day of missing) this.known.add(day);
  }

  /** For when a partition turns out to be gone: another replica has dropped it. */
  forget(): void {
    this.known = new Set();
  }

  /**
   * Drops days past keeping, each with all that is known of its events in one transaction: none of it is found half.
   *
   * @returns the days dropped
   */
  async dropExpired(today: Day, retentionDays: number): Promise<readonly Day[]> {
    const expired = expiredDays(await listDays(this.dataSource.manager), today, retentionDays);
    for (const day of expired) await inTransaction(this.dataSource, (manager) => dropDay(manager, day));
    if (expired.length > 0) this.forget();
    return expired;
  }
}

async function createDay(manager: EntityManager, day: Day): Promise<void> {
  for (const table of PARTITIONED) {
    const partition = partitionOf(table, day);
    // Attaching an empty table takes a weaker lock than PARTITION OF: readers and writers go on.
    await manager.query(`CREATE TABLE ${partition} (LIKE ${table} INCLUDING ALL)`);
    await manager.query(
      `ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES FROM ('${day}') TO ('${addDays(day, 1)}')`,
    );
  }
}

async function dropDay(manager: EntityManager, day: Day): Promise<void> {
  await lockPartitioning(manager);
  await manager.query('SET LOCAL statement_timeout = 0');
  // First what takes long; the tables are locked only for the last moment.
  await manager.query('DELETE FROM placements WHERE day = $1', [day]);
  await manager.query(LOCK_TIMEOUT);
  for (const table of PARTITIONED) await manager.query(`DROP TABLE IF EXISTS ${partitionOf(table, day)}`);
}

async function lockPartitioning(manager: EntityManager): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('partitions of ' || current_schema(), 0))`);
}

async function listDays(manager: EntityManager): Promise<Day[]> {
  const rows = rowsOf(
    await manager.query(`
      SELECT partition.relname AS name
        FROM pg_inherits JOIN pg_class partition ON partition.oid = inhrelid
       WHERE inhparent = 'events'::regclass`),
  );
  return rows.flatMap((row) => {
    const [, year, month, day] = /^events_(\d{4})(\d{2})(\d{2})$/.exec(textOf(row, 'name')) ?? [];
    return year && month && day ? [`${year}-${month}-${day}`] : [];
  });
}

function partitionOf(table: string, day: Day): string {
  return `${table}_${day.replaceAll('-', '')}`;
}
