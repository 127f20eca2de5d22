import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Subscriptions that are paused, and when they were last resumed. */
export class PauseColumns1781000000000 implements MigrationInterface {
  readonly name = 'PauseColumns1781000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE subscriptions
        ADD COLUMN paused boolean NOT NULL DEFAULT false,
        ADD COLUMN resumed_at timestamptz;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions DROP COLUMN paused, DROP COLUMN resumed_at');
  }
}
