import { messageOf } from './data-source.js';
import { isTransientDatabaseError } from './database-errors.js';

/** The database is away or busy: nothing is wrong with the work, try again later. */
export class TransientDatabaseError extends Error {
  override readonly name = 'TransientDatabaseError';
  readonly retryable = true;
}

/** Does work with the database and lets its transient errors be known by their class; all others pass unchanged. */
export async function tellingTransientErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isTransientDatabaseError(error)) throw error;
    throw new TransientDatabaseError(`the database is not available: ${messageOf(error)}`, { cause: error });
  }
}
