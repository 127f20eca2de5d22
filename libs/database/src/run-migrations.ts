import { type QueryRunner } from 'typeorm';
import { createDataSource, type DatabaseModel } from './data-source.js';
import { type ConnectOptions, connectDatabase } from './connect-database.js';
import { type DatabaseSettings } from './settings.js';

/** Two connections: one holds the lock, the other migrates. */
const POOL_SIZE = 2;

/**
 * Brings a service's schema up to date, creating it where it is missing. An advisory lock per schema lets one replica
 * work while the others wait and then find nothing to do. Each migration is one transaction. Waits for the database.
 *
 * @returns the names of the migrations that were run, none when the schema was up to date
 */
export async function runMigrations(
  settings: DatabaseSettings,
  model: Pick<DatabaseModel, 'migrations'>,
  options: ConnectOptions,
): Promise<readonly string[]> {
  const dataSource = createDataSource(
    { ...settings, poolSize: POOL_SIZE, statementTimeoutMs: 0 },
    { migrations: model.migrations },
    options.logger,
  );
  await connectDatabase(dataSource, options);
  try {
    const lock = dataSource.createQueryRunner();
    try {
      await lock.query(`SELECT pg_advisory_lock(hashtextextended($1, 0))`, [`migrations of ${settings.schema}`]);
      await createSchema(lock, settings.schema);
      const done = await dataSource.runMigrations({ transaction: 'each' });
      for (const { name } of done) options.logger.info('migrated', { schema: settings.schema, migration: name });
      return done.map(({ name }) => name);
    } finally {
      await lock.release();
    }
  } finally {
    // Ends the session that holds the lock, however the work ended.
    await dataSource.destroy();
  }
}

/** Looks first: `IF NOT EXISTS` asks for the right to create schemas even where there is nothing to create. */
async function createSchema(runner: QueryRunner, schema: string): Promise<void> {
  const found: unknown = await runner.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (Array.isArray(found) && found.length === 0) await runner.query(`CREATE SCHEMA "${schema}"`);
}
