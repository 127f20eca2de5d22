import { stateRank, type DeliveryState } from '@hookstream/domain';
import type { Standing } from '../core/ingest/standing.js';

/** One earlier run in the column `earlier_runs`, an object by the runs' ids. `merged_runs` compares what is in it. */
interface EarlierRun {
  readonly state: DeliveryState;
  readonly rank: number;
  readonly order: number;
  readonly runOrder: number;
  readonly reason?: string | undefined;
  readonly nextAttemptAtMs?: number | undefined;
}

/** The column's value; `null` for nearly all deliveries, which are never replayed. */
export function earlierRuns(standings: readonly Standing[] | undefined): string | null {
  if (standings === undefined || standings.length === 0) return null;
  const byRun = standings.map(({ run, ...standing }): [string, EarlierRun] => {
    const { state, order, runOrder, reason, nextAttemptAtMs } = standing;
    return [run, { state, rank: stateRank(state), order, runOrder, reason, nextAttemptAtMs }];
  });
  return JSON.stringify(Object.fromEntries(byRun));
}

const theirOwn = (table: string) => `jsonb_build_object(${table}.run, jsonb_strip_nulls(jsonb_build_object(
        'state', ${table}.state, 'rank', ${table}.state_rank, 'order', ${table}.standing_order,
        'runOrder', ${table}.run_order, 'reason', ${table}.reason,
        'nextAttemptAtMs', (extract(epoch FROM ${table}.next_attempt_at) * 1000)::bigint)))`;

/** Every run that either row tells of, but the newest: that is the row's own. */
export const EARLIER_RUNS = `CASE
        WHEN excluded.run = kept.run AND excluded.earlier_runs IS NULL THEN kept.earlier_runs
        ELSE nullif(
          merged_runs(
            merged_runs(kept.earlier_runs, ${theirOwn('kept')}),
            merged_runs(excluded.earlier_runs, ${theirOwn('excluded')}))
          - CASE WHEN (excluded.run_order, excluded.run) > (kept.run_order, kept.run) THEN excluded.run ELSE kept.run END,
          '{}')
      END`;
