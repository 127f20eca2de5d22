// Real: PostgreSQL.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  connectDatabase,
  createDataSource,
  type DatabaseSettings,
  inTransaction,
  runMigrations,
  TransientDatabaseError,
} from '../src/index.js';

const url = process.env['HOOKSTREAM_TEST_DATABASE_URL'] ?? '';
const schema = `database_${randomBytes(4).toString('hex')}`;
const settings: DatabaseSettings = { url, schema, applicationName: 'database-test', statementTimeoutMs: 2_000 };
const lines: string[] = [];
const logger = { info: () => undefined, warn: (message: string) => void lines.push(message) };

class Slow1700000000001 implements MigrationInterface {
  readonly name = 'Slow1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE counters (name text PRIMARY KEY, value integer NOT NULL)');
    // Longer than the statement timeout of the service.
    await runner.query('SELECT pg_sleep(2.2)');
    await runner.query(`INSERT INTO counters VALUES ('a', 0), ('b', 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE counters');
  }
}

const model = { migrations: [Slow1700000000001] };
let database: DataSource;

beforeAll(async () => {
  database = createDataSource(settings, model);
  await connectDatabase(database, { logger });
});
afterAll(async () => {
  await database.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  await database.destroy();
});

describe('runMigrations', () => {
  it('migrates once when replicas start together, without the statement timeout, and then has nothing to do', async () => {
    const ran = await Promise.all([1, 2, 3].map(() => runMigrations(settings, model, { logger })));
    expect(ran.flat()).toEqual(['Slow1700000000001']);
    expect(await runMigrations(settings, model, { logger })).toEqual([]);
    expect(await database.query('SELECT count(*)::int AS n FROM counters')).toEqual([{ n: 2 }]);
  });
});

describe('inTransaction', () => {
  const add = (name: string) => `UPDATE counters SET value = value + 1 WHERE name = '${name}'`;

  it('does the work anew after a deadlock, and commits both', async () => {
    let arrived = 0;
    let open: () => void = () => undefined;
    const bothLocked = new Promise<void>((resolve) => (open = resolve));
    const crossing = (first: string, second: string) =>
      inTransaction(database, async (manager) => {
        await manager.query(add(first));
        arrived += 1;
        if (arrived === 2) open();
        await bothLocked;
        await manager.query(add(second));
      });
    await Promise.all([crossing('a', 'b'), crossing('b', 'a')]);
    expect(await database.query('SELECT value FROM counters ORDER BY name')).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('rolls back what throws', async () => {
    const before: unknown = await database.query('SELECT value FROM counters');
    const failing = inTransaction(database, async (manager) => {
      await manager.query(add('a'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.query('SELECT value FROM counters')).toEqual(before);
  });

  it('says that a statement above the timeout, or a connection that is lost, may be tried again', async () => {
    const slow = inTransaction(database, (manager) => manager.query('SELECT pg_sleep(5)'));
    await expect(slow).rejects.toBeInstanceOf(TransientDatabaseError);
    const killed = inTransaction(database, (manager) => manager.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(killed).rejects.toBeInstanceOf(TransientDatabaseError);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('connectDatabase', () => {
  it('waits for a database that is away, says so, and stops when it is told to', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const nowhere = createDataSource({ ...settings, url: `postgres://u@127.0.0.1:${port}/d` }, model);
    const stopping = new AbortController();
    const waiting = connectDatabase(nowhere, {
      logger: {
        ...logger,
        warn: (message) => {
          lines.push(message);
          stopping.abort();
        },
      },
      signal: stopping.signal,
    });
    await expect(waiting).rejects.toThrow(/abort/i);
    expect(lines).toContain('the database cannot be reached, trying again');
    await new Promise((resolve) => server.close(resolve));
  });

  it('does not wait for a database that does not exist', async () => {
    const unknown = new URL(url);
    unknown.pathname = '/no_such_database';
    const dataSource = createDataSource({ ...settings, url: unknown.href }, model);
    await expect(connectDatabase(dataSource, { logger })).rejects.toThrow(/no_such_database/);
  });

  it('refuses a schema name that would need quoting', () => {
    expect(() => createDataSource({ ...settings, schema: 'a"; DROP' }, model)).toThrow(RangeError);
  });
});
