import { type DataSource, type EntityManager } from 'typeorm';
import { isTransactionConflict } from './database-errors.js';

export interface TransactionOptions {
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  /** How often the work is done anew after a deadlock or a serialization failure. Default 3. */
  readonly retries?: number;
}

/**
 * Does work as one transaction: committed when it resolves, rolled back when it throws. The work may run several times,
 * so it has no effect but through the manager it is given.
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  { isolation = 'READ COMMITTED', retries = 3 }: TransactionOptions = {},
): Promise<T> {
  for (let left = retries; ; left -= 1) {
    try {
      return await dataSource.transaction(isolation, work);
    } catch (error) {
      if (left === 0 || !isTransactionConflict(error)) throw error;
    }
  }
}
