import { randomBytes } from 'node:crypto';
import { connectDatabase, createDataSource, runMigrations } from '@hookstream/database';
import { testDatabaseUrl } from '@hookstream/testing';
import type { DataSource } from 'typeorm';
import { logDatabaseSettings, logModel } from '../../src/adapters/log-database.js';
import { rowsOf } from '../../src/adapters/result-rows.js';

const logger = { info: () => undefined, warn: () => undefined };

/** A log in a schema of its own, in the test run's PostgreSQL. */
export class TestLog {
  readonly schema = `log_test_${randomBytes(6).toString('hex')}`;
  readonly settings = logDatabaseSettings(testDatabaseUrl(), this.schema);
  readonly dataSource: DataSource = createDataSource(this.settings, logModel);

  static async create(): Promise<TestLog> {
    const log = new TestLog();
    await runMigrations(log.settings, logModel, { logger });
    await connectDatabase(log.dataSource, { logger });
    return log;
  }

  async query(sql: string, parameters: readonly unknown[] = []): Promise<Readonly<Record<string, unknown>>[]> {
    return rowsOf(await this.dataSource.query(sql, [...parameters]));
  }

  /** Everything the log holds, without the day and time of writing. */
  async contents(): Promise<Readonly<Record<string, unknown>>> {
    const tables = { events: 'id', routings: 'event_id', deliveries: 'id', attempts: 'id', dead_letters: 'id' };
    const contents: Record<string, unknown> = {};
    for (const [table, id] of Object.entries(tables)) {
      const rows = await this.query(`SELECT to_jsonb(t) - 'day' - 'received_at' AS row FROM ${table} t ORDER BY ${id}`);
      contents[table] = rows.map(({ row }) => row);
    }
    return contents;
  }

  /** What was counted of the attempts. */
  async health(): Promise<readonly unknown[]> {
    const healths = await this.query('SELECT * FROM endpoint_health ORDER BY subscription');
    return [...healths, ...(await this.query('SELECT * FROM endpoint_hours ORDER BY subscription, hour_ms'))];
  }

  async count(table: string): Promise<number> {
    const [row] = await this.query(`SELECT count(*)::int AS count FROM ${table}`);
    return Number(row?.['count']);
  }

  async clear(): Promise<void> {
    await this.dataSource.query(
      'TRUNCATE placements, events, routings, deliveries, attempts, dead_letters, endpoint_health, endpoint_hours',
    );
  }

  async drop(): Promise<void> {
    await this.dataSource.query(`DROP SCHEMA "${this.schema}" CASCADE`);
    await this.dataSource.destroy();
  }
}
