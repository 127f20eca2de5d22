import { runMigrations } from '@hookstream/database';
import { createLogger, loadSettings } from '@hookstream/service';
import { z } from 'zod';
import { configDatabase } from './adapters/postgres/config-database.js';
import { databaseSettings } from './config.js';
import { runCommand } from './run-command.js';

await runCommand(async () => {
  const { settings } = loadSettings(z.object(databaseSettings));
  const schema = settings.DATABASE_SCHEMA;
  const done = await runMigrations(
    { url: settings.DATABASE_URL, schema, applicationName: 'hookstream-config-api-migrate' },
    configDatabase,
    { logger: createLogger({ service: 'config-api-migrate', level: 'warn' }) },
  );
  console.log(done.length === 0 ? `schema "${schema}" is up to date` : `schema "${schema}": ran ${done.join(', ')}`);
  return 0;
});
