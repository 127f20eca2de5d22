import { join } from 'node:path';
import {
  fetchKafka,
  isKafkaFetched,
  LocalKafka,
  LocalPostgres,
  makeClassDataArchive,
  type Restartable,
} from '@hookstream/testing';
import { brokerAddresses, type GivenSettings } from './given-settings.js';
import type { ChosenPorts } from './ports.js';
import type { Progress } from './progress.js';
import { waitUntilReachable } from './reachable.js';
import { pidFileOf, STATE } from './state-dir.js';

/** Kafka or PostgreSQL as we started it. */
export interface OwnBackend extends Restartable {
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface BackendNeeds {
  readonly given: GivenSettings;
  readonly ports: ChosenPorts['ports'];
  readonly databasePassword: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Told of a backend before it is started, so that it can be stopped at any moment. */
  readonly own: (backend: OwnBackend) => void;
}

const DATABASE = 'hookstream';
const POSTGRES_PORT = 5432;

/** The brokers to use: those that were given, once they can be reached, or a local Kafka of ours. */
export async function provideKafka(needs: BackendNeeds): Promise<string> {
  const { given, ports, progress, signal } = needs;
  if (given.HOOKSTREAM_KAFKA_BROKERS !== undefined) {
    const brokers = given.HOOKSTREAM_KAFKA_BROKERS;
    await progress.during(`Waiting for Kafka at ${brokers}`, () =>
      waitUntilReachable(brokerAddresses(brokers), signal),
    );
    return brokers;
  }
  const onProgress = (detail: string) => {
    progress.detail(detail);
  };
  if (!isKafkaFetched()) {
    await progress.during('Fetching Kafka from Maven, once', () => fetchKafka({ onProgress, signal }));
  }
  signal.throwIfAborted();
  return progress.during('Starting Kafka', async () => {
    await makeClassDataArchive({ onProgress, signal });
    signal.throwIfAborted();
    const kafka = await LocalKafka.prepare({
      dataDir: STATE.kafkaData,
      port: ports.kafka,
      controllerPort: ports['kafka-controller'],
      jit: 'full',
      logFile: join(STATE.logDir, 'kafka.log'),
      pidFile: pidFileOf('kafka'),
    });
    needs.own(asBackend('kafka', kafka));
    await kafka.start();
    return kafka.brokers;
  });
}

/** The URL of the database to use: the one that was given, once it can be reached, or a local PostgreSQL of ours. */
export async function provideDatabase(needs: BackendNeeds): Promise<string> {
  const { given, ports, progress, signal } = needs;
  if (given.HOOKSTREAM_DATABASE_URL !== undefined) {
    const { hostname, port } = new URL(given.HOOKSTREAM_DATABASE_URL);
    const address = { host: hostname, port: port === '' ? POSTGRES_PORT : Number(port) };
    await progress.during(`Waiting for PostgreSQL at ${hostname}`, () => waitUntilReachable([address], signal));
    return given.HOOKSTREAM_DATABASE_URL;
  }
  return progress.during('Starting PostgreSQL', async () => {
    const postgres = LocalPostgres.prepare({
      dataDir: STATE.postgresData,
      logFile: join(STATE.logDir, 'postgres.log'),
      pidFile: pidFileOf('postgres'),
      port: ports.postgres,
      password: needs.databasePassword,
    });
    if (postgres.dataDir !== STATE.postgresData) {
      progress.say(`PostgreSQL's user may not enter this folder: its data are in ${postgres.dataDir}`);
    }
    needs.own(asBackend('postgres', postgres));
    await postgres.start();
    await postgres.ensureDatabase(DATABASE);
    return postgres.url(DATABASE);
  });
}

function asBackend(name: string, backend: LocalKafka | LocalPostgres): OwnBackend {
  return {
    name,
    get exited() {
      return backend.exited;
    },
    start: () => backend.start(),
    stop: () => backend.stop(),
    kill: () => backend.kill(),
  };
}
