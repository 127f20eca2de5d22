import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What became of the runs before a replay. In a column of the delivery and not a table: it is written by the statement
 * that writes the newer run, costs nothing where there is none, and goes with its day.
 */
export class EarlierRuns1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deliveries ADD COLUMN earlier_runs jsonb');
    await runner.query(MERGED_RUNS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION merged_runs');
    await runner.query('ALTER TABLE deliveries DROP COLUMN earlier_runs');
  }
}

/** Of each run the later standing: what `compareStandings` compares within a run, in its order. */
const MERGED_RUNS = `CREATE FUNCTION merged_runs(one jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(run, standing) FROM (
    SELECT DISTINCT ON (run) run, standing
      FROM (
        SELECT * FROM jsonb_each(coalesce(one, '{}'))
        UNION ALL
        SELECT * FROM jsonb_each(coalesce(other, '{}'))
      ) AS told (run, standing)
     ORDER BY run, (standing->>'rank')::integer DESC, (standing->>'order')::bigint DESC,
       (standing->>'nextAttemptAtMs')::bigint DESC NULLS LAST,
       (standing->>'state') COLLATE "C" DESC, coalesce(standing->>'reason', '') COLLATE "C" DESC
  ) AS newest
$$`;
