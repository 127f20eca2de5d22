import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Times are milliseconds since the epoch, as they are in the records they come from. */
export class EndpointHealth1795700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE health_notices, endpoint_hours, endpoint_health');
  }
}

const STATEMENTS = [
  // One row of each subscription that was ever attempted; it is rewritten in place, so its pages keep room for that.
  `CREATE TABLE endpoint_health (
     subscription text COLLATE "C" PRIMARY KEY,
     organization text COLLATE "C" NOT NULL,
     record_offset bigint NOT NULL DEFAULT -1,
     record_timestamp_ms bigint NOT NULL DEFAULT -1,
     config_version bigint NOT NULL DEFAULT 0,
     last_success_at_ms bigint,
     last_failure_at_ms bigint,
     last_failure text,
     failing_since_ms bigint,
     failures bigint NOT NULL DEFAULT 0,
     warned_step_ms bigint,
     warned_at_ms bigint
   ) WITH (fillfactor = 70)`,
  `CREATE INDEX endpoint_health_failing ON endpoint_health (subscription) WHERE failing_since_ms IS NOT NULL`,

  `CREATE TABLE endpoint_hours (
     subscription text COLLATE "C" NOT NULL,
     hour_ms bigint NOT NULL,
     organization text COLLATE "C" NOT NULL,
     successes bigint NOT NULL,
     failures bigint NOT NULL,
     latencies bigint[] NOT NULL,
     PRIMARY KEY (subscription, hour_ms)
   ) WITH (fillfactor = 70)`,
  `CREATE INDEX endpoint_hours_organization ON endpoint_hours (organization, hour_ms)`,
  `CREATE INDEX endpoint_hours_hour ON endpoint_hours USING brin (hour_ms)`,

  `CREATE TABLE health_notices (
     id text COLLATE "C" PRIMARY KEY,
     kind text NOT NULL,
     subscription text COLLATE "C" NOT NULL,
     organization text COLLATE "C" NOT NULL,
     version bigint NOT NULL,
     decided_at_ms bigint NOT NULL,
     facts jsonb NOT NULL,
     emails jsonb NOT NULL,
     as_event boolean NOT NULL,
     confirmed boolean NOT NULL,
     event_pending boolean NOT NULL,
     mail_pending boolean NOT NULL,
     mail_tries integer NOT NULL DEFAULT 0,
     again_at_ms bigint
   )`,
  `CREATE INDEX health_notices_open ON health_notices (again_at_ms) WHERE again_at_ms IS NOT NULL`,
];
