import { tellingTransientErrors } from '@hookstream/database';
import { type OrganizationId } from '@hookstream/domain';
import { randomBytes } from 'node:crypto';
import { type DataSource, type EntityManager, EntitySchema } from 'typeorm';
import { type AuditEntry, type AuditLog, type AuditQuery } from '../../core/audit/audit-trail.js';
import { type Actor } from '../../core/caller.js';
import { type Page, type Scope } from '../../core/config-store.js';
import { decodeCursor, encodeCursor } from '../../core/cursor.js';

interface AuditRow extends AuditEntry {
  readonly seq: string;
}

const text = { type: 'text' } as const;
const optional = { type: 'text', nullable: true } as const;

export const auditRows = new EntitySchema<AuditRow>({
  name: 'audit_trail',
  tableName: 'audit_trail',
  columns: {
    id: { type: 'text', primary: true },
    seq: { type: 'bigint', generated: 'increment' },
    at: { type: 'timestamptz' },
    organization: optional,
    actorKey: { ...optional, name: 'actor_key' },
    actorRole: { ...text, name: 'actor_role' },
    address: optional,
    requestId: { ...optional, name: 'request_id' },
    action: text,
    kind: text,
    resource: text,
    version: { type: 'integer' },
    before: optional,
    after: optional,
  },
});

/** What was done to one thing, as its store knows it. */
export interface AuditedChange extends Pick<AuditEntry, 'action' | 'kind' | 'resource' | 'version'> {
  readonly organization: OrganizationId | null;
  readonly before: unknown;
  readonly after: unknown;
}

const ROWS_AT_ONCE = 500;

/** Writes entries within the transaction of the changes they tell of. */
export async function keepAudit(
  manager: EntityManager,
  by: Actor,
  at: Date,
  changes: readonly AuditedChange[],
): Promise<void> {
  for (let from = 0; from < changes.length; from += ROWS_AT_ONCE) {
    const rows = changes.slice(from, from + ROWS_AT_ONCE).map(({ before, after, ...change }) => ({
      ...change,
      id: `aud_${randomBytes(16).toString('hex')}`,
      at,
      actorKey: by.key,
      actorRole: by.role,
      address: by.address,
      requestId: by.requestId,
      before: before === null ? null : JSON.stringify(before),
      after: after === null ? null : JSON.stringify(after),
    }));
    await manager.insert(auditRows, rows);
  }
}

/** The trail as it can be read; what is older than the retention is deleted by and by. */
export class PostgresAuditLog implements AuditLog {
  constructor(private readonly dataSource: DataSource) {}

  async list(
    { limit, cursor, resource, kind, action, actor, from, to }: AuditQuery,
    scope: Scope,
  ): Promise<Page<AuditEntry>> {
    const query = this.dataSource.manager
      .createQueryBuilder(auditRows, 'row')
      .where('TRUE')
      .orderBy('row.seq', 'DESC')
      .take(limit + 1);
    if (scope !== null) query.andWhere('row.organization = :scope', { scope });
    if (cursor !== undefined) query.andWhere('row.seq < :before', { before: decodeCursor(cursor) });
    if (resource !== undefined) query.andWhere('row.resource = :resource', { resource });
    if (kind !== undefined) query.andWhere('row.kind = :kind', { kind });
    if (action !== undefined) query.andWhere('row.action = :action', { action });
    if (actor === 'system') query.andWhere('row.actorKey IS NULL');
    else if (actor !== undefined) query.andWhere('row.actorKey = :actor', { actor });
    if (from !== undefined) query.andWhere('row.at >= :from', { from });
    if (to !== undefined) query.andWhere('row.at < :to', { to });
    const rows = await tellingTransientErrors(() => query.getMany());
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return { items: rows.slice(0, limit), nextCursor: last ? encodeCursor(last.seq) : null };
  }

  /** @returns how many entries were deleted, at most 10,000 of those before a time */
  async forget(before: Date): Promise<number> {
    const deleted: unknown = await this.dataSource.query(
      `WITH gone AS (
         DELETE FROM audit_trail WHERE id IN (SELECT id FROM audit_trail WHERE at < $1 ORDER BY at LIMIT 10000) RETURNING 1
       ) SELECT count(*)::int AS count FROM gone`,
      [before],
    );
    const row: unknown = Array.isArray(deleted) ? deleted[0] : undefined;
    return typeof row === 'object' && row !== null && 'count' in row ? Number(row.count) : 0;
  }
}
