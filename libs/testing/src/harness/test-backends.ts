import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notedDaemons, noteDaemonsIn } from '../child/daemon-registry.js';
import { findOwnProcess, writePidFile } from '../child/pid-file.js';
import { makeClassDataArchive } from '../local-kafka/class-data-archive.js';
import { LocalKafka } from '../local-kafka/local-kafka.js';
import { LocalPostgres } from '../local-postgres/local-postgres.js';

const FOLDER_PREFIX = 'hookstream-test-';
const DAEMONS = 'daemons';
const DATABASE = 'hookstream_test';

export interface TestBackends {
  readonly brokers: string;
  readonly databaseUrl: string;
  /** Temporary, open to all users, removed in the end. */
  readonly folder: string;
  /** Stops both and removes their data. */
  stop(): Promise<void>;
  /** The same at once, for when the process must end now. */
  killNow(): void;
}

/** One Kafka and one PostgreSQL on free ports, with data in a temporary folder, for one run of tests. */
export async function startTestBackends(onProgress: (message: string) => void): Promise<TestBackends> {
  removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  // mkdtemp closes it to others, and PostgreSQL runs as another user.
  chmodSync(folder, 0o755);
  writePidFile(join(folder, 'owner.pid'), process.pid);
  noteDaemonsIn(join(folder, DAEMONS));
  const started: { kafka?: LocalKafka; postgres?: LocalPostgres } = {};
  const stop = async (): Promise<void> => {
    // Nothing of them is kept, so Kafka need not end well; PostgreSQL would leave its children behind.
    await Promise.all([started.kafka?.kill(), started.postgres?.stop()]);
    killNoted(folder);
    removeFolder(folder);
  };
  try {
    await makeClassDataArchive({ onProgress });
    const [kafka, postgres] = await Promise.allSettled([startKafka(folder), startPostgres(folder)]);
    if (kafka.status === 'fulfilled') started.kafka = kafka.value;
    if (postgres.status === 'fulfilled') started.postgres = postgres.value;
    if (kafka.status === 'rejected') throw kafka.reason;
    if (postgres.status === 'rejected') throw postgres.reason;
    await postgres.value.ensureDatabase(DATABASE);
    return {
      brokers: kafka.value.brokers,
      databaseUrl: postgres.value.url(DATABASE),
      folder,
      stop,
      killNow: () => {
        killNoted(folder);
        removeFolder(folder);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startKafka(folder: string): Promise<LocalKafka> {
  return LocalKafka.start({ dataDir: join(folder, 'kafka') });
}

function startPostgres(folder: string): Promise<LocalPostgres> {
  return LocalPostgres.start({
    dataDir: join(folder, 'postgres'),
    logFile: join(folder, 'postgres.log'),
    password: 'hookstream',
    // The data need not survive the machine.
    settings: { fsync: 'off', full_page_writes: 'off' },
  });
}

/** A run that was killed leaves its servers behind; the next run takes them away. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    const ownerFile = join(folder, 'owner.pid');
    if (!name.startsWith(FOLDER_PREFIX) || !existsSync(ownerFile)) continue;
    if (findOwnProcess(ownerFile, 'jest') !== undefined) continue;
    killNoted(folder);
    removeFolder(folder);
  }
}

/** Also what a test started and did not stop. */
function killNoted(folder: string): void {
  for (const pid of notedDaemons(join(folder, DAEMONS))) process.kill(pid, 'SIGKILL');
}

function removeFolder(folder: string): void {
  // What was just killed may still write for a moment.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
