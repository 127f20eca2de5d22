import type { DatabaseModel, DatabaseSettings } from '@hookstream/database';
import { EndpointHealth1795700000000 } from './migrations/1795700000000-endpoint-health.js';
import { LogTables1795300000000 } from './migrations/1795300000000-log-tables.js';
import { WaitingDeliveries1795900000000 } from './migrations/1795900000000-waiting-deliveries.js';
import { LeanerRows1796000000000 } from './migrations/1796000000000-leaner-rows.js';
import { EarlierRuns1795400000000 } from './migrations/1795400000000-earlier-runs.js';

/** Raw statements only: no entities. */
export const logModel: DatabaseModel = {
  migrations: [
    LogTables1795300000000,
    EarlierRuns1795400000000,
    EndpointHealth1795700000000,
    WaitingDeliveries1795900000000,
    LeanerRows1796000000000,
  ],
};

export function logDatabaseSettings(url: string, schema: string): DatabaseSettings {
  return { url, schema, applicationName: 'hookstream-audit-log' };
}
