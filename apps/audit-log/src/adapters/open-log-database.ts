import { connectDatabase, createDataSource } from '@hookstream/database';
import type { ServiceHost } from '@hookstream/service';
import type { DataSource } from 'typeorm';
import type { Settings } from '../config.js';
import { logDatabaseSettings, logModel } from './log-database.js';
import { LogMaintenance } from './log-maintenance.js';
import { Partitions } from './partitions.js';

const MAINTENANCE_INTERVAL_MS = 600_000;

/** The log's tables, connected and with the partitions of these days before the service is ready. */
export function openLogDatabase({ settings, lifecycle, logger, readiness }: ServiceHost<Settings>): {
  readonly dataSource: DataSource;
  readonly partitions: Partitions;
} {
  const database = {
    ...logDatabaseSettings(settings.DATABASE_URL, settings.LOG_DATABASE_SCHEMA),
    poolSize: settings.LOG_DATABASE_POOL_SIZE,
  };
  const dataSource = createDataSource(database, logModel, logger);
  const partitions = new Partitions(dataSource);
  const retentionDays = settings.LOG_RETENTION_DAYS;
  const maintenance = new LogMaintenance({ partitions, retentionDays, logger, nowMs: Date.now });
  const stopping = new AbortController();

  lifecycle.onStart('database', async () => {
    await connectDatabase(dataSource, { logger, signal: stopping.signal });
    await maintenance.prepare();
    maintenance.start(MAINTENANCE_INTERVAL_MS);
  });
  readiness.register('database answers', async () => {
    if (!dataSource.isInitialized) return 'not connected yet';
    await dataSource.query('SELECT 1');
    return true;
  });
  lifecycle.onDrain('database start', () => stopping.abort());
  lifecycle.onClose('database', async () => {
    await maintenance.stop();
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return { dataSource, partitions };
}
