import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The outbox as a set of ids, one row for each thing that changed, however often; what is published is read when it is
 * published. What was deleted stays known for as long as the topic has to say so.
 */
export class DirtySet1786500000000 implements MigrationInterface {
  readonly name = 'DirtySet1786500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE outbox RENAME TO former_outbox;
      CREATE SEQUENCE outbox_turn;
      CREATE TABLE outbox (
        id text PRIMARY KEY,
        turn bigint NOT NULL,
        changed_at timestamptz,
        due_at timestamptz NOT NULL
      );
      CREATE INDEX outbox_by_turn ON outbox (turn);
      CREATE TABLE deleted_documents (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        organization text,
        deleted_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX deleted_documents_seq ON deleted_documents (seq);
      CREATE INDEX deleted_documents_deleted_at ON deleted_documents (deleted_at);

      INSERT INTO deleted_documents (id, version, organization, deleted_at)
        SELECT key, (value::jsonb->>'version')::integer, value::jsonb->>'organization',
          to_timestamp((value::jsonb->>'deletedAtMs')::double precision / 1000)
        FROM former_outbox WHERE value::jsonb->>'kind' = 'deleted'
        ON CONFLICT DO NOTHING;
      INSERT INTO outbox (id, turn, due_at)
        SELECT key, nextval('outbox_turn'), min(due_at) FROM former_outbox GROUP BY key;
      DROP TABLE former_outbox;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE outbox, deleted_documents;
      DROP SEQUENCE outbox_turn;
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL,
        value text,
        due_at timestamptz NOT NULL
      );
      CREATE INDEX outbox_due ON outbox (due_at, id);
    `);
  }
}
