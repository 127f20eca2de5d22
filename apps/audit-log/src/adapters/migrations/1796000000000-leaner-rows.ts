import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is only given back is kept as it came (`json`): taking it apart for `jsonb` was a tenth of what storing an attempt
 * cost. The indexes of the lists end with the time: ids, random and long, were most of their bytes, and the few rows of
 * one millisecond are sorted when they are read.
 */
export class LeanerRows1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await keepAs(runner, 'json');
    for (const [name, table, columns] of LIST_INDEXES) await index(runner, name, `${table} (${columns})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await keepAs(runner, 'jsonb');
    for (const [name, table, columns] of LIST_INDEXES) await index(runner, name, `${table} (${columns}, id)`);
  }
}

const GIVEN_BACK = { events: ['extensions'], attempts: ['request', 'response_headers', 'error'] };

const LIST_INDEXES = [
  ['events_received', 'events', 'received_at'],
  ['events_organization', 'events', 'organization, received_at'],
  ['deliveries_created', 'deliveries', 'created_at'],
  ['deliveries_organization', 'deliveries', 'organization, created_at'],
  ['deliveries_subscription', 'deliveries', 'subscription, created_at'],
] as const;

async function keepAs(runner: QueryRunner, type: 'json' | 'jsonb'): Promise<void> {
  for (const [table, columns] of Object.entries(GIVEN_BACK)) {
    const changes = columns.map((column) => `ALTER COLUMN ${column} TYPE ${type} USING ${column}::${type}`);
    await runner.query(`ALTER TABLE ${table} ${changes.join(', ')}`);
  }
}

async function index(runner: QueryRunner, name: string, on: string): Promise<void> {
  await runner.query(`DROP INDEX ${name}`);
  await runner.query(`CREATE INDEX ${name} ON ${on}`);
}
