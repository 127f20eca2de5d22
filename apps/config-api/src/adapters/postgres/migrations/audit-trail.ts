import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who changed what. It outlives what it tells of, so it refers to nothing. */
export class AuditTrail1783000000000 implements MigrationInterface {
  readonly name = 'AuditTrail1783000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_trail (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL,
        organization text,
        actor_key text,
        actor_role text NOT NULL,
        address text,
        request_id text,
        action text NOT NULL,
        kind text NOT NULL,
        resource text NOT NULL,
        version integer NOT NULL,
        before text,
        after text
      );
      CREATE UNIQUE INDEX audit_trail_seq ON audit_trail (seq);
      CREATE INDEX audit_trail_by_organization ON audit_trail (organization, seq);
      CREATE INDEX audit_trail_by_resource ON audit_trail (resource, seq);
      CREATE INDEX audit_trail_at ON audit_trail (at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_trail');
  }
}
