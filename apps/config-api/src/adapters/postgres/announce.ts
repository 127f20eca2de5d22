import { type DeletedDocument } from '@hookstream/contracts';
import { type EntityManager } from 'typeorm';

interface Identified {
  readonly id: string;
}

const ROWS_AT_ONCE = 500;

/** In the order of ids, so that two that mark many do not wait for each other. */
const MARK = `
  INSERT INTO outbox (id, turn, changed_at, due_at)
  SELECT id, nextval('outbox_turn'), CASE WHEN $2 THEN clock_timestamp() END, 'epoch'
  FROM (SELECT DISTINCT unnest($1::text[]) AS id ORDER BY id) AS marked
  ON CONFLICT (id) DO UPDATE SET
    turn = excluded.turn, due_at = excluded.due_at, changed_at = coalesce(outbox.changed_at, excluded.changed_at)`;

/** Marks a thing as changed, within the transaction that changes it: it is published as it is then. */
export async function announce(manager: EntityManager, changed: Identified): Promise<void> {
  await announceAll(manager, [changed]);
}

/** As `announce`, for many. */
export async function announceAll(manager: EntityManager, changed: readonly Identified[]): Promise<void> {
  await mark(manager, changed, true);
}

/** Has things published as they are, though nothing of them changed: the topic does not have them as it should. */
export async function announceAgain(manager: EntityManager, things: readonly Identified[]): Promise<void> {
  await mark(manager, things, false);
}

/** The end of a thing: a document that cancels what still waits, and 30 days later nothing. */
export async function announceDeletion(manager: EntityManager, document: DeletedDocument): Promise<void> {
  const { id, version, organization, deletedAtMs } = document;
  await manager.query(
    `INSERT INTO deleted_documents (id, version, organization, deleted_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET
       version = excluded.version, organization = excluded.organization, deleted_at = excluded.deleted_at`,
    [id, version, organization, new Date(deletedAtMs)],
  );
  await announce(manager, document);
}

async function mark(manager: EntityManager, things: readonly Identified[], hasChanged: boolean): Promise<void> {
  for (let from = 0; from < things.length; from += ROWS_AT_ONCE) {
    const ids = things.slice(from, from + ROWS_AT_ONCE).map(({ id }) => id);
    await manager.query(MARK, [ids, hasChanged]);
  }
}
