import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Daemon } from '../child/daemon.js';
import { LogTail } from '../child/log-tail.js';
import { freePort } from '../free-port.js';
import { installedBinaries, makeExecutable } from './binaries.js';
import { makeCluster } from './cluster.js';
import { placePostgres, reachableDataDir, type Placement } from './unprivileged.js';

export interface LocalPostgresOptions {
  /** Made when missing, kept by `stop`. */
  readonly dataDir: string;
  readonly logFile: string;
  /** Of the superuser `hookstream`; only the first start, which makes the cluster, decides it. */
  readonly password: string;
  readonly port: number;
  /** Settings of postgresql.conf, set over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly pidFile?: string;
}

const USER = 'hookstream';
const READY_LINE = 'database system is ready to accept connections';
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 20_000;
// After a SIGKILL the server's children notice within moments that it is gone; until then its memory is in use.
const FORMER_SELF = 'shared memory block is still in use';
const TRIES = 20;
const PAUSE_MS = 250;

/** A PostgreSQL on 127.0.0.1, never run as root, that can be stopped, killed and started again. */
export class LocalPostgres {
  private server: Daemon | undefined;

  private constructor(
    private readonly options: LocalPostgresOptions,
    private readonly placement: Placement,
    readonly port: number,
  ) {}

  /** Finds a place for it; nothing runs yet. */
  static prepare(options: LocalPostgresOptions): LocalPostgres {
    const installed = installedBinaries();
    makeExecutable(installed);
    return new LocalPostgres(options, placePostgres(options.dataDir, installed), options.port);
  }

  /** Makes the cluster at the first time and starts it. */
  static async start(options: Omit<LocalPostgresOptions, 'port'> & { readonly port?: number }): Promise<LocalPostgres> {
    const postgres = LocalPostgres.prepare({ ...options, port: options.port ?? (await freePort()) });
    await postgres.start();
    return postgres;
  }

  /** What is in the command line of this server and of no other process. */
  static marker(dataDir: string): string {
    return reachableDataDir(dataDir);
  }

  /** Where the files really are; differs from the option where PostgreSQL's user could not have reached it. */
  get dataDir(): string {
    return this.placement.dataDir;
  }

  get pid(): number | undefined {
    return this.server?.running === true ? this.server.pid : undefined;
  }

  /** Resolves when the server ends, however it ends. */
  get exited(): Daemon['exited'] | undefined {
    return this.server?.exited;
  }

  url(database: string): string {
    return `postgresql://${USER}:${encodeURIComponent(this.options.password)}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    if (this.pid !== undefined) return;
    if (!existsSync(join(this.placement.dataDir, 'PG_VERSION')))
      await makeCluster(this.placement, USER, this.options.password);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.launch();
        return;
      } catch (error) {
        if (attempt === TRIES || !String(error).includes(FORMER_SELF)) throw error;
        await delay(PAUSE_MS);
      }
    }
  }

  /** Ends open connections and stops cleanly (a "fast" shutdown). */
  async stop(): Promise<void> {
    await this.server?.stop('SIGINT', STOP_GRACE_MS);
  }

  /** SIGKILL; the next start recovers from the write-ahead log. */
  async kill(): Promise<void> {
    await this.server?.kill();
  }

  /** Makes the database unless it is there. */
  async ensureDatabase(name: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.url('postgres') });
    await client.connect();
    try {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
  }

  private async launch(): Promise<void> {
    const { dataDir, binaries, user } = this.placement;
    const { logFile, pidFile } = this.options;
    const log = LogTail.fromEnd(logFile);
    const settings = { ...DEFAULT_SETTINGS, port: String(this.port), ...this.options.settings };
    this.server = await Daemon.spawn({
      name: 'postgres',
      command: binaries.postgres,
      args: ['-D', dataDir, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
      cwd: '/',
      output: { file: logFile },
      ...(user && { user }),
      ...(pidFile !== undefined && { pidFile }),
    });
    await log.waitFor(READY_LINE, this.server, START_TIMEOUT_MS);
  }
}

const DEFAULT_SETTINGS = {
  listen_addresses: '127.0.0.1',
  // Their folder would have to be writable for PostgreSQL's user, and nobody needs them.
  unix_socket_directories: '',
  max_connections: '200',
  log_timezone: 'UTC',
};
