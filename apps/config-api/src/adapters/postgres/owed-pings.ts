import { type EntityManager, type DataSource } from 'typeorm';
import { z } from 'zod';
import { type OwedPings } from '../../core/tests/owed-pings.js';
import { becameActive, type SubscriptionState } from '../../core/subscriptions/subscription-state.js';

const idsSchema = z.array(z.object({ subscription: z.string() }));
const AT_ONCE = 100;

const OWE = `
  INSERT INTO owed_pings (subscription, activated_at, owed_since)
  SELECT *, clock_timestamp() FROM unnest($1::text[], $2::timestamptz[])
  ON CONFLICT (subscription) DO UPDATE SET activated_at = excluded.activated_at, owed_since = excluded.owed_since`;

interface Written {
  readonly before?: SubscriptionState | undefined;
  readonly after: SubscriptionState;
}

/** Notes the pings that activations make due, within the transaction that activates. */
export async function owePings(manager: EntityManager, written: readonly Written[]): Promise<void> {
  const due = written.flatMap(({ before, after }) =>
    after.settings.test?.onActivation && becameActive(before, after) ? [after] : [],
  );
  if (due.length === 0) return;
  await manager.query(OWE, [due.map(({ id }) => id), due.map(({ activatedAt }) => activatedAt)]);
}

export class PostgresOwedPings implements OwedPings {
  constructor(private readonly dataSource: Pick<DataSource, 'query'>) {}

  async overdue(since: Date): Promise<readonly string[]> {
    const rows: unknown = await this.dataSource.query(
      `SELECT subscription FROM owed_pings WHERE owed_since < $1 ORDER BY owed_since LIMIT ${AT_ONCE}`,
      [since],
    );
    return idsSchema.parse(rows).map(({ subscription }) => subscription);
  }

  async settle(subscription: string, activatedAt: Date | null): Promise<void> {
    await this.dataSource.query('DELETE FROM owed_pings WHERE subscription = $1 AND activated_at <= $2', [
      subscription,
      activatedAt ?? 'infinity',
    ]);
  }
}
