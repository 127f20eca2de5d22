import {
  findOwnProcess,
  LocalKafka,
  LocalPostgres,
  SERVICE_NAMES,
  serviceEntry,
  stopForeignProcess,
} from '@hookstream/testing';
import { BENCH, benchPidFile } from './state.js';

const GRACE_MS = 10_000;
const OUR_COMMAND_LINE = 'bootstrap.mjs bench';

/** The pid of another benchmark of this checkout that is running. */
export function findRunningBenchmark(): number | undefined {
  const pid = findOwnProcess(benchPidFile('bench'), OUR_COMMAND_LINE);
  return pid === process.pid ? undefined : pid;
}

/** Stops what a benchmark left running that was killed. */
export async function stopBenchLeftovers(): Promise<void> {
  const candidates = [
    ...SERVICE_NAMES.map((name) => ({ name, marker: serviceEntry(name), signal: 'SIGKILL' as const })),
    { name: 'kafka', marker: LocalKafka.marker(BENCH.kafkaData), signal: 'SIGKILL' as const },
    { name: 'postgres', marker: LocalPostgres.marker(BENCH.postgresData), signal: 'SIGINT' as const },
  ];
  for (const { name, marker, signal } of candidates) {
    const pid = findOwnProcess(benchPidFile(name), marker);
    if (pid !== undefined) await stopForeignProcess(pid, signal, GRACE_MS);
  }
}
