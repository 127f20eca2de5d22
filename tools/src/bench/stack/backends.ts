import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchKafka, freePort, isKafkaFetched, LocalKafka, LocalPostgres } from '@hookstream/testing';
import type { Progress } from '../../start/progress.js';
import { BENCH, benchPidFile } from './state.js';

const DATABASE = 'hookstream';
/** As PostgreSQL's manual advises for a server of its own: a share of the memory, where the default is for any laptop. */
const DATABASE_SETTINGS = { shared_buffers: '1GB' };

/** A Kafka, with all of the JVM's compilers, and a PostgreSQL of this run alone, both empty. */
export class BenchBackends {
  private constructor(
    readonly kafka: LocalKafka,
    readonly postgres: LocalPostgres,
  ) {}

  /** Nothing runs yet. */
  static async prepare(progress: Progress, signal: AbortSignal): Promise<BenchBackends> {
    deleteData();
    if (!isKafkaFetched()) {
      const onProgress = (detail: string) => {
        progress.detail(detail);
      };
      await progress.during('Fetching Kafka from Maven, once', () => fetchKafka({ onProgress, signal }));
    }
    const kafka = await LocalKafka.prepare({
      dataDir: BENCH.kafkaData,
      jit: 'full',
      logFile: join(BENCH.logDir, 'kafka.log'),
      pidFile: benchPidFile('kafka'),
    });
    const postgres = LocalPostgres.prepare({
      dataDir: BENCH.postgresData,
      logFile: join(BENCH.logDir, 'postgres.log'),
      pidFile: benchPidFile('postgres'),
      port: await freePort(),
      password: randomBytes(16).toString('hex'),
      settings: DATABASE_SETTINGS,
    });
    return new BenchBackends(kafka, postgres);
  }

  get databaseUrl(): string {
    return this.postgres.url(DATABASE);
  }

  async start(): Promise<void> {
    await Promise.all([this.kafka.start(), this.postgres.start()]);
    await this.postgres.ensureDatabase(DATABASE);
  }

  /** Without ceremony: nobody needs the data again. */
  async discard(): Promise<void> {
    await Promise.all([this.kafka.kill(), this.postgres.stop()]);
    deleteData();
  }
}

function deleteData(): void {
  const paths = [BENCH.kafkaData, BENCH.postgresData, LocalPostgres.marker(BENCH.postgresData)];
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}
