import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Declared event types. Schemas are kept as the text they were given as: `jsonb` knows neither NUL nor their order. */
export class EventTypes1782000000000 implements MigrationInterface {
  readonly name = 'EventTypes1782000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_types (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        organization text CONSTRAINT event_types_organization REFERENCES organizations,
        name text NOT NULL,
        type_group text NOT NULL,
        description text NOT NULL,
        example text,
        schemas jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX event_types_seq ON event_types (seq);
      CREATE UNIQUE INDEX event_types_name ON event_types (coalesce(organization, ''), name);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_types');
  }
}
