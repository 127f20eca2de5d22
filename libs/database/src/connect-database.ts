import { setTimeout as delay } from 'node:timers/promises';
import { type DataSource } from 'typeorm';
import { messageOf } from './data-source.js';
import { isTransientDatabaseError } from './database-errors.js';
import { type DatabaseLogger } from './settings.js';

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 5_000;

export interface ConnectOptions {
  readonly logger: DatabaseLogger;
  /** Ends the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the first connection and waits for a database that is not there yet, saying so at each attempt.
 *
 * @throws what the database says to a wrong password, an unknown database or the like: waiting would not help
 */
export async function connectDatabase(dataSource: DataSource, { logger, signal }: ConnectOptions): Promise<void> {
  await untilThere(async () => void (dataSource.isInitialized || (await dataSource.initialize())), { logger, signal });
}

/** Repeats work that needs the database until it is not away any more. */
async function untilThere<T>(work: () => Promise<T>, { logger, signal }: ConnectOptions): Promise<T> {
  for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS)) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isTransientDatabaseError(error)) throw error;
      logger.warn('the database cannot be reached, trying again', { error: messageOf(error), retryInMs: backoffMs });
    }
    await delay(backoffMs, undefined, { signal });
  }
}
