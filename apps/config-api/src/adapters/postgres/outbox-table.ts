import { inTransaction } from '@hookstream/database';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import { announceAgain } from './announce.js';

const TOMBSTONE_AFTER_MS = 30 * 86_400_000;
const waitingSchema = z.tuple([
  z.object({ documents: z.coerce.number(), oldestChangeMs: z.coerce.number().nullable() }),
]);
const idsSchema = z.array(z.object({ id: z.string() }));

/** The ids that are to be published, seen from without a change. */
export class OutboxTable {
  constructor(
    private readonly dataSource: DataSource,
    private readonly now: () => Date,
  ) {}

  again(ids: readonly string[]): Promise<void> {
    const things = ids.map((id) => ({ id }));
    return inTransaction(this.dataSource, (manager) => announceAgain(manager, things));
  }

  async waiting(): Promise<{ readonly documents: number; readonly oldestChangeMs: number | null }> {
    const rows: unknown = await this.dataSource.query(
      `SELECT count(*) AS documents, extract(epoch FROM min(changed_at)) * 1000 AS "oldestChangeMs"
       FROM outbox WHERE due_at <= $1`,
      [this.now()],
    );
    return waitingSchema.parse(rows)[0];
  }

  /** A deletion is told for 30 days; then its tombstone ends it. */
  async bury(): Promise<void> {
    const until = new Date(this.now().getTime() - TOMBSTONE_AFTER_MS);
    await inTransaction(this.dataSource, async (manager) => {
      const rows: unknown = await manager.query(
        `WITH ended AS (DELETE FROM deleted_documents WHERE deleted_at <= $1 RETURNING id) SELECT id FROM ended`,
        [until],
      );
      await announceAgain(manager, idsSchema.parse(rows));
    });
  }
}
