import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What waits is found without passing what has ended. The time of the next attempt is in neither index: a delivery that is
 * tried again and fails again is rewritten without touching them.
 */
export class WaitingDeliveries1795900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const scope of SCOPES) {
      await runner.query(
        `CREATE INDEX deliveries_waiting_${scope} ON deliveries (${scope}, created_at, id)
          WHERE state IN ('pending', 'retrying')`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const scope of SCOPES) await runner.query(`DROP INDEX deliveries_waiting_${scope}`);
  }
}

const SCOPES = ['organization', 'subscription'];
