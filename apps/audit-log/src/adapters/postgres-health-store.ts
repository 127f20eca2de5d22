import { inTransaction, tellingTransientErrors } from '@hookstream/database';
import { isId } from '@hookstream/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Decision, HealthStore, OpenNotice, Progress } from '../core/health/health-watch.js';
import type { FailingEndpoint } from '../core/health/judge-health.js';
import { bigint, healthsOf } from './health-rows.js';
import { parseRows, rowsOf } from './result-rows.js';

const DAY_MS = 86_400_000;
/** Hours are asked for a week back at most. */
const KEEP_HOURS_MS = 8 * DAY_MS;
/** Longer than anything is read again from `attempts`, and than the longest policy. */
const KEEP_MS = 180 * DAY_MS;
const NOTICES_AT_ONCE = 20;

const id = <Prefix extends 'org' | 'sub'>(prefix: Prefix) =>
  z.custom<`${Prefix}_${string}`>((value) => typeof value === 'string' && isId(prefix, value));

const noticeRow = z
  .object({
    id: z.string(),
    kind: z.enum(['failing', 'deactivated']),
    organization: id('org'),
    version: bigint,
    decided_at_ms: bigint,
    facts: z.object({
      subscription: id('sub'),
      name: z.string(),
      endpoint: z.string(),
      failingSince: z.string(),
      failedAttempts: z.number(),
      lastFailure: z.object({ at: z.string().nullable(), what: z.string().nullable() }),
      after: z.string(),
      deactivatesAt: z.string().nullable(),
    }),
    emails: z.array(z.string()),
    as_event: z.boolean(),
    confirmed: z.boolean(),
    event_pending: z.boolean(),
    mail_pending: z.boolean(),
    mail_tries: z.number(),
  })
  .transform(({ id, kind, organization, version, facts, emails, confirmed, ...row }): OpenNotice => ({
    ...{ id, kind, organization, version, facts, emails, confirmed },
    decidedAtMs: row.decided_at_ms,
    asEvent: row.as_event,
    eventPending: row.event_pending,
    mailPending: row.mail_pending,
    mailTries: row.mail_tries,
  }));

/** Health and notices in PostgreSQL. */
export class PostgresHealthStore implements HealthStore {
  constructor(private readonly dataSource: DataSource) {}

  async decideAll(nowMs: number, decide: (health: FailingEndpoint) => Decision | undefined): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const [lock] = rowsOf(
        await manager.query(
          `SELECT pg_try_advisory_xact_lock(hashtextextended('health of ' || current_schema(), 0)) AS mine`,
        ),
      );
      if (lock?.['mine'] !== true) return;
      const failing = healthsOf(
        await manager.query('SELECT * FROM endpoint_health WHERE failing_since_ms IS NOT NULL ORDER BY subscription'),
      );
      for (const { failingSinceMs, ...health } of failing) {
        const decision = failingSinceMs === null ? undefined : decide({ ...health, failingSinceMs });
        if (decision) await apply(manager, decision, nowMs);
      }
    });
  }

  async claim(nowMs: number, untilMs: number): Promise<readonly OpenNotice[]> {
    const answer = await this.query(
      `WITH claimed AS (
         UPDATE health_notices SET again_at_ms = $2 WHERE id IN (
           SELECT id FROM health_notices WHERE again_at_ms <= $1 ORDER BY again_at_ms, id LIMIT $3 FOR UPDATE SKIP LOCKED
         ) RETURNING *
       ) SELECT * FROM claimed ORDER BY decided_at_ms, id`,
      [nowMs, untilMs, NOTICES_AT_ONCE],
    );
    return parseRows(noticeRow, answer);
  }

  async beginMail(notice: string): Promise<void> {
    await this.query('UPDATE health_notices SET mail_tries = mail_tries + 1 WHERE id = $1', [notice]);
  }

  async record(notice: string, { confirmed, eventPending, mailPending, againAtMs }: Progress): Promise<void> {
    await this.query(
      `UPDATE health_notices SET confirmed = $2, event_pending = $3, mail_pending = $4, again_at_ms = $5 WHERE id = $1`,
      [notice, confirmed, eventPending, mailPending, againAtMs],
    );
  }

  async forgetOld(nowMs: number): Promise<void> {
    await this.query('DELETE FROM endpoint_hours WHERE hour_ms < $1', [nowMs - KEEP_HOURS_MS]);
    await this.query('DELETE FROM endpoint_health WHERE record_timestamp_ms BETWEEN 0 AND $1', [nowMs - KEEP_MS]);
    await this.query('DELETE FROM health_notices WHERE decided_at_ms < $1', [nowMs - KEEP_MS]);
  }

  private query(sql: string, parameters: readonly unknown[]): Promise<unknown> {
    return tellingTransientErrors(() => this.dataSource.query(sql, [...parameters]));
  }
}

/** An endpoint that succeeded meanwhile is left alone. */
async function apply(manager: EntityManager, { health, verdict, notice }: Decision, nowMs: number): Promise<void> {
  const { subscription, failingSinceMs } = health;
  if (verdict.kind === 'forget') {
    await manager.query(
      `UPDATE endpoint_health SET failing_since_ms = NULL, failures = 0, warned_step_ms = NULL, warned_at_ms = NULL
        WHERE subscription = $1 AND failing_since_ms = $2`,
      [subscription, failingSinceMs],
    );
    return;
  }
  const marked = rowsOf(
    await manager.query(
      `WITH marked AS (
         UPDATE endpoint_health SET warned_step_ms = coalesce($3::bigint, warned_step_ms),
                warned_at_ms = CASE WHEN $3::bigint IS NULL THEN warned_at_ms ELSE $4::bigint END
          WHERE subscription = $1 AND failing_since_ms = $2 RETURNING 1
       ) SELECT * FROM marked`,
      [subscription, failingSinceMs, verdict.kind === 'warn' ? verdict.stepMs : null, nowMs],
    ),
  );
  if (marked.length === 0 || !notice) return;
  await manager.query(
    `INSERT INTO health_notices (id, kind, subscription, organization, version, decided_at_ms, facts, emails, as_event,
                                 confirmed, event_pending, mail_pending, again_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $6) ON CONFLICT DO NOTHING`,
    [
      notice.id,
      notice.kind,
      subscription,
      notice.organization,
      notice.version,
      notice.decidedAtMs,
      JSON.stringify(notice.facts),
      JSON.stringify(notice.emails),
      notice.asEvent,
      notice.kind === 'failing',
      notice.asEvent,
      notice.emails.length > 0,
    ],
  );
}
