// Real: a PostgreSQL of its own, beside the one of the run.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LocalPostgres } from '../src/local-postgres/local-postgres.js';
import pg from 'pg';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('LocalPostgres', () => {
  let folder: string;
  let postgres: LocalPostgres;
  const options = () => ({
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'postgres.log'),
    password: "it's/secret",
  });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hookstream-local-postgres-'));
    chmodSync(folder, 0o755);
    postgres = await LocalPostgres.start(options());
  });
  afterAll(async () => {
    await postgres.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes a database once', async () => {
    await postgres.ensureDatabase('shop');
    await postgres.ensureDatabase('shop');
    expect(await query(postgres.url('shop'), 'SELECT current_database() AS name')).toEqual([{ name: 'shop' }]);
  });

  it('refuses a wrong password', async () => {
    const url = postgres.url('shop').replace(/:[^:@]+@/, ':wrong@');
    await expect(query(url, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('keeps committed rows over a SIGKILL and comes back on the same port', async () => {
    const url = postgres.url('shop');
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await postgres.kill();
    await postgres.start();
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('keeps the data over a stop and a start of another object', async () => {
    await postgres.stop();
    postgres = await LocalPostgres.start(options());
    expect(await query(postgres.url('shop'), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('does not run as root', () => {
    expect(statSync(`/proc/${postgres.pid}`).uid).not.toBe(0);
  });

  it('lives outside a folder that its user cannot enter', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const hidden = await LocalPostgres.start({ ...options(), dataDir: join(closed, 'data') });
    try {
      expect(await query(hidden.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(hidden.dataDir.startsWith(closed)).toBe(process.getuid?.() !== 0);
    } finally {
      await hidden.kill();
      if (!hidden.dataDir.startsWith(closed)) rmSync(dirname(hidden.dataDir), { recursive: true, force: true });
    }
  });
});
