export { type DatabaseLogger, type DatabaseSettings } from './settings.js';
export { createDataSource, type DatabaseModel, type Migrations } from './data-source.js';
export { connectDatabase, type ConnectOptions } from './connect-database.js';
export { runMigrations } from './run-migrations.js';
export { inTransaction, type TransactionOptions } from './in-transaction.js';
export {
  isTransactionConflict,
  isTransientDatabaseError,
  type ViolatedConstraint,
  violatedConstraint,
} from './database-errors.js';
export { tellingTransientErrors, TransientDatabaseError } from './transient-database-error.js';
