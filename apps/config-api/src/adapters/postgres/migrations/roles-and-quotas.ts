import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What keys may do and when they were last used; what organizations may have. */
export class RolesAndQuotas1784000000000 implements MigrationInterface {
  readonly name = 'RolesAndQuotas1784000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_keys
        ADD COLUMN grants jsonb NOT NULL DEFAULT '["create", "edit", "delete"]',
        ADD COLUMN last_used_at timestamptz;
      ALTER TABLE organizations
        ADD COLUMN quotas jsonb NOT NULL DEFAULT '{"subscriptions": null, "eventTypes": null, "apiKeys": null}',
        ADD COLUMN start_inactive boolean NOT NULL DEFAULT false;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_keys DROP COLUMN grants, DROP COLUMN last_used_at;
      ALTER TABLE organizations DROP COLUMN quotas, DROP COLUMN start_inactive;
    `);
  }
}
