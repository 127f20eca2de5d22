import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Requests that came with an Idempotency-Key, and what was answered, sealed. */
export class RequestNames1785000000000 implements MigrationInterface {
  readonly name = 'RequestNames1785000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE request_names (
        api_key text NOT NULL,
        name text NOT NULL,
        fingerprint text NOT NULL,
        claimed_at timestamptz NOT NULL,
        answer text,
        PRIMARY KEY (api_key, name)
      );
      CREATE INDEX request_names_claimed_at ON request_names (claimed_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE request_names');
  }
}
