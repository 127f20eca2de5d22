import { tellingTransientErrors } from '@hookstream/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { StatsScope } from '../core/read/delivery-counts.js';
import type { CountedAttempts, HealthReader, KeptHealth } from '../core/read/endpoint-stats.js';
import { Conditions } from './conditions.js';
import { bigint, healthsOf } from './health-rows.js';
import { parseRows } from './result-rows.js';

const countedRow = z.object({ successes: bigint, failures: bigint });
const classRow = z.object({ count: bigint });

/** Reads what `addOutcomes` has written. */
export class PostgresHealthReader implements HealthReader {
  constructor(private readonly dataSource: DataSource) {}

  async count(scope: StatsScope, fromMs: number): Promise<CountedAttempts> {
    const within = this.within(scope).add('hour_ms >= ?', fromMs);
    const [counted, classes] = await Promise.all([
      this.query(
        `SELECT coalesce(sum(successes), 0) AS successes, coalesce(sum(failures), 0) AS failures
           FROM endpoint_hours ${within.where()}`,
        within.parameters,
      ),
      this.query(
        `SELECT sum(class.count) AS count FROM endpoint_hours, unnest(latencies) WITH ORDINALITY AS class (count, number)
           ${within.where()} GROUP BY class.number ORDER BY class.number`,
        within.parameters,
      ),
    ]);
    const [sums = { successes: 0, failures: 0 }] = parseRows(countedRow, counted);
    return { ...sums, latencies: parseRows(classRow, classes).map(({ count }) => count) };
  }

  async health(subscription: string): Promise<KeptHealth | undefined> {
    return healthsOf(await this.query('SELECT * FROM endpoint_health WHERE subscription = $1', [subscription]))[0];
  }

  async failing(scope: StatsScope, limit: number): Promise<readonly KeptHealth[]> {
    const within = this.within(scope).always('failing_since_ms IS NOT NULL');
    const last = within.parameter(limit);
    return healthsOf(
      await this.query(
        `SELECT * FROM endpoint_health ${within.where()} ORDER BY failing_since_ms, subscription LIMIT ${last}`,
        within.parameters,
      ),
    );
  }

  private within({ organization, subscription }: StatsScope): Conditions {
    return new Conditions().add('organization = ?', organization).add('subscription = ?', subscription);
  }

  private query(sql: string, parameters: readonly unknown[]): Promise<unknown> {
    return tellingTransientErrors(() => this.dataSource.query(sql, [...parameters]));
  }
}
