import { runMigrations } from '@hookstream/database';
import { createLogger, loadSettings, SettingsError } from '@hookstream/service';
import { z } from 'zod';
import { logDatabaseSettings, logModel } from './adapters/log-database.js';
import { databaseSettings } from './config.js';

/** Exit codes: 1 when it fails, with one line that says why; 2 for settings that cannot be used. */
try {
  const { settings } = loadSettings(z.object(databaseSettings));
  const schema = settings.LOG_DATABASE_SCHEMA;
  const done = await runMigrations(logDatabaseSettings(settings.DATABASE_URL, schema), logModel, {
    logger: createLogger({ service: 'audit-log-migrate', level: 'warn' }),
  });
  console.log(done.length === 0 ? `schema "${schema}" is up to date` : `schema "${schema}": ran ${done.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof SettingsError ? 2 : 1;
}
