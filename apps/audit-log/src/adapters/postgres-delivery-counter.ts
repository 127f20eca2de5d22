import { tellingTransientErrors } from '@hookstream/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type {
  DeliveryCounter,
  StatsScope,
  UndeliveredCounts,
  WaitingDeliveries,
} from '../core/read/delivery-counts.js';
import { Conditions } from './conditions.js';
import { parseRows } from './result-rows.js';

/** Rows looked at for one answer, through an index. Measured with 450,000 undelivered of 1.5 million: at most 0.4 s. */
const MAX_COUNTED = 100_000;
const DAY_MS = 86_400_000;

const stateRow = z.object({
  state: z.enum(['pending', 'retrying', 'exhausted', 'dead-lettered', 'cancelled']),
  count: z.int(),
});
const waitingRow = z.object({ count: z.int(), oldest_due: z.date().nullable() });

/** Counts what is not delivered, of which there is little: the partial indexes hold nothing else. */
export class PostgresDeliveryCounter implements DeliveryCounter {
  constructor(
    private readonly dataSource: Pick<DataSource, 'query'>,
    private readonly maxCounted = MAX_COUNTED,
  ) {}

  async undelivered(scope: StatsScope, fromMs: number): Promise<UndeliveredCounts> {
    const within = scoped(scope)
      .add('created_at >= ?', new Date(fromMs))
      // Kept in the day they were first heard of, which is not before they were routed, but for clocks that disagree.
      .add('day >= ?', new Date(fromMs - DAY_MS).toISOString().slice(0, 10))
      .always("state <> 'delivered'");
    const rows = `SELECT state FROM deliveries ${within.where()} LIMIT ${within.parameter(this.maxCounted + 1)}`;
    const answer = await this.query(
      `SELECT state, count(*)::integer AS count FROM (${rows}) AS counted GROUP BY state`,
      within.parameters,
    );
    const byState = { pending: 0, retrying: 0, exhausted: 0, 'dead-lettered': 0, cancelled: 0 };
    let all = 0;
    for (const { state, count } of parseRows(stateRow, answer)) {
      byState[state] = count;
      all += count;
    }
    return { ...byState, complete: all <= this.maxCounted };
  }

  async waiting(scope: StatsScope): Promise<WaitingDeliveries> {
    const within = scoped(scope).always("state IN ('pending', 'retrying')");
    // The oldest first, where an index has them in that order.
    const isOrdered = scope.organization !== undefined || scope.subscription !== undefined;
    const rows = `SELECT coalesce(next_attempt_at, greatest(created_at, to_timestamp(run_order / 1000.0))) AS due
      FROM deliveries ${within.where()} ${isOrdered ? 'ORDER BY created_at, id' : ''}
      LIMIT ${within.parameter(this.maxCounted + 1)}`;
    const answer = await this.query(
      `SELECT count(*)::integer AS count, min(due) AS oldest_due FROM (${rows}) AS waiting`,
      within.parameters,
    );
    const [found = { count: 0, oldest_due: null }] = parseRows(waitingRow, answer);
    return {
      count: Math.min(found.count, this.maxCounted),
      complete: found.count <= this.maxCounted,
      oldestDueAtMs: found.oldest_due?.getTime() ?? null,
    };
  }

  private query(sql: string, parameters: readonly unknown[]): Promise<unknown> {
    return tellingTransientErrors(() => this.dataSource.query(sql, [...parameters]));
  }
}

function scoped({ organization, subscription }: StatsScope): Conditions {
  return new Conditions().add('organization = ?', organization).add('subscription = ?', subscription);
}
