import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Pings of activations that are not known to be written; those of a subscription end with it. */
export class OwedPings1788700000000 implements MigrationInterface {
  readonly name = 'OwedPings1788700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE owed_pings (
        subscription text PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
        activated_at timestamptz NOT NULL,
        owed_since timestamptz NOT NULL
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE owed_pings');
  }
}
