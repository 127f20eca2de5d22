import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Since when a subscription is not active; not known of those that were deactivated before. */
export class InactiveSince1787500000000 implements MigrationInterface {
  readonly name = 'InactiveSince1787500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions ADD COLUMN inactive_since timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscriptions DROP COLUMN inactive_since');
  }
}
