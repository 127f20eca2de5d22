import { type DataSource, type EntityManager } from 'typeorm';
import { isTransactionConflict } from './database-errors.js';
import { tellingTransientErrors, TransientDatabaseError } from './transient-database-error.js';

export interface TransactionOptions {
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  /** How often the work is done anew after a deadlock or a serialization failure. Default 3. */
  readonly retries?: number;
}

/**
 * Does work as one transaction: committed when it resolves, rolled back when it throws. The work may run several times,
 * so it has no effect but through the manager it is given.
 *
 * @throws TransientDatabaseError when the database is away; whether the transaction was committed is then not known
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  { isolation = 'READ COMMITTED', retries = 3 }: TransactionOptions = {},
): Promise<T> {
  for (let left = retries; ; left -= 1) {
    try {
      return await tellingTransientErrors(() => dataSource.transaction(isolation, work));
    } catch (error) {
      const cause = error instanceof TransientDatabaseError ? error.cause : error;
      if (left === 0 || !isTransactionConflict(cause)) throw error;
    }
  }
}
