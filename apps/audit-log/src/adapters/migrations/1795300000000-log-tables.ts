import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Ids compare by bytes (`COLLATE "C"`), as the writer sorts them. Texts of producers are indexed by their first 128
 * characters: a B-tree refuses entries above 2,704 bytes, and no event is kept out of the log for a long subject.
 */
export class LogTables1795300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dead_letters, attempts, deliveries, routings, events, placements');
  }
}

const STATEMENTS = [
  `CREATE TABLE placements (
     id text COLLATE "C" PRIMARY KEY,
     day date NOT NULL
   )`,
  // Rows are appended in the order of days: a few pages of it find the expired ones.
  `CREATE INDEX placements_day ON placements USING brin (day)`,

  `CREATE TABLE events (
     id text COLLATE "C" NOT NULL,
     day date NOT NULL,
     organization text COLLATE "C" NOT NULL,
     type text COLLATE "C" NOT NULL,
     source text NOT NULL,
     subject text,
     external_id text,
     time text NOT NULL,
     content_type text,
     data_schema text,
     extensions jsonb,
     payload bytea NOT NULL,
     origin_topic text COLLATE "C" NOT NULL,
     origin_partition integer NOT NULL,
     origin_offset bigint NOT NULL,
     record_timestamp_ms bigint NOT NULL,
     received_at timestamptz NOT NULL,
     PRIMARY KEY (id, day)
   ) PARTITION BY RANGE (day)`,
  `CREATE INDEX events_received ON events (received_at, id)`,
  `CREATE INDEX events_organization ON events (organization, received_at, id)`,
  `CREATE INDEX events_external_id ON events (left(external_id, 128)) WHERE external_id IS NOT NULL`,
  `CREATE INDEX events_subject ON events (left(subject, 128)) WHERE subject IS NOT NULL`,

  `CREATE TABLE routings (
     event_id text COLLATE "C" NOT NULL,
     day date NOT NULL,
     routed_at timestamptz NOT NULL,
     skipped jsonb NOT NULL,
     filter_errors jsonb NOT NULL,
     PRIMARY KEY (event_id, day)
   ) PARTITION BY RANGE (day)`,

  `CREATE TABLE deliveries (
     id text COLLATE "C" NOT NULL,
     day date NOT NULL,
     event_id text COLLATE "C" NOT NULL,
     event_external_id text,
     event_type text COLLATE "C" NOT NULL,
     event_time text NOT NULL,
     event_subject text,
     organization text COLLATE "C" NOT NULL,
     subscription text COLLATE "C" NOT NULL,
     run text COLLATE "C" NOT NULL,
     run_order bigint NOT NULL,
     state text COLLATE "C" NOT NULL,
     state_rank smallint NOT NULL,
     standing_order bigint NOT NULL,
     reason text COLLATE "C",
     attempts integer NOT NULL,
     next_attempt_at timestamptz,
     created_at timestamptz NOT NULL,
     completed_at timestamptz,
     PRIMARY KEY (id, day)
   ) PARTITION BY RANGE (day)`,
  `CREATE INDEX deliveries_created ON deliveries (created_at, id)`,
  `CREATE INDEX deliveries_organization ON deliveries (organization, created_at, id)`,
  `CREATE INDEX deliveries_subscription ON deliveries (subscription, created_at, id)`,
  `CREATE INDEX deliveries_event ON deliveries (event_id)`,
  // What an operator looks for is what was not delivered: few rows, so it costs next to nothing.
  `CREATE INDEX deliveries_undelivered ON deliveries (organization, created_at, id) WHERE state <> 'delivered'`,
  `CREATE INDEX deliveries_undelivered_subscription ON deliveries (subscription, created_at, id) WHERE state <> 'delivered'`,

  `CREATE TABLE attempts (
     delivery_id text COLLATE "C" NOT NULL,
     day date NOT NULL,
     run text COLLATE "C" NOT NULL,
     number integer NOT NULL,
     id text COLLATE "C" NOT NULL,
     started_at timestamptz NOT NULL,
     duration_ms integer NOT NULL,
     outcome text NOT NULL,
     request jsonb NOT NULL,
     response_status integer,
     response_headers jsonb,
     response_body bytea,
     response_body_truncated boolean,
     error jsonb,
     PRIMARY KEY (delivery_id, run, number, day)
   ) PARTITION BY RANGE (day)`,

  `CREATE TABLE dead_letters (
     id text COLLATE "C" NOT NULL,
     day date NOT NULL,
     organization text COLLATE "C",
     stage text NOT NULL,
     reason text NOT NULL,
     detail text NOT NULL,
     at timestamptz NOT NULL,
     origin_topic text COLLATE "C" NOT NULL,
     origin_partition integer NOT NULL,
     origin_offset bigint NOT NULL,
     origin_timestamp_ms bigint NOT NULL,
     event_id text COLLATE "C",
     delivery_id text COLLATE "C",
     subscription text COLLATE "C",
     record_key text,
     record_headers jsonb NOT NULL,
     value bytea,
     value_bytes integer,
     PRIMARY KEY (id, day)
   ) PARTITION BY RANGE (day)`,
  `CREATE INDEX dead_letters_at ON dead_letters (at, id)`,
  `CREATE INDEX dead_letters_organization ON dead_letters (organization, at, id)`,
];
