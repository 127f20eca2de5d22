import { type ConfigDocument, type DeletedDocument } from '@hookstream/contracts';
import { type EntityManager } from 'typeorm';
import { outboxRows } from './rows.js';

/** Due whatever the clocks say. */
const AT_ONCE = new Date(0);
const TOMBSTONE_AFTER_MS = 30 * 86_400_000;

/**
 * Puts a document into the outbox, within the transaction that writes what it announces. Rows of one key get their ids
 * in the order of their versions, for the writer holds the row's lock.
 */
export async function announce(manager: EntityManager, document: ConfigDocument): Promise<void> {
  await manager.insert(outboxRows, { key: document.id, value: JSON.stringify(document), dueAt: AT_ONCE });
}

/** The end of a thing: a document that cancels what still waits, and 30 days later nothing. */
export async function announceDeletion(manager: EntityManager, document: DeletedDocument): Promise<void> {
  const { id, deletedAtMs } = document;
  await announce(manager, document);
  await manager.insert(outboxRows, { key: id, value: null, dueAt: new Date(deletedAtMs + TOMBSTONE_AFTER_MS) });
}

const ROWS_AT_ONCE = 500;

/** As `announce`, for many. */
export async function announceAll(manager: EntityManager, documents: readonly ConfigDocument[]): Promise<void> {
  for (let from = 0; from < documents.length; from += ROWS_AT_ONCE) {
    const some = documents.slice(from, from + ROWS_AT_ONCE);
    const rows = some.map((document) => ({ key: document.id, value: JSON.stringify(document), dueAt: AT_ONCE }));
    await manager.insert(outboxRows, rows);
  }
}
