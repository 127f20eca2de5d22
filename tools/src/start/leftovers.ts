import { setTimeout as delay } from 'node:timers/promises';
import {
  findOwnProcess,
  LocalKafka,
  LocalPostgres,
  SERVICE_NAMES,
  serviceEntry,
  stopForeignProcess,
} from '@hookstream/testing';
import type { Progress } from './progress.js';
import { pidFileOf, STATE } from './state-dir.js';

interface Leftover {
  readonly name: string;
  readonly pid: number;
  readonly signal: NodeJS.Signals;
}

// Nobody listens to them any more, so there is no point in letting them take their time.
const GRACE_MS = 10_000;
const POLL_MS = 100;
/** The supervisor's own command line, see tools/bootstrap.mjs. */
const SUPERVISOR = 'bootstrap.mjs start';

/** The pid of another supervisor of this checkout that is running. One that is about to end is waited for. */
export async function findRunningSupervisor(progress: Progress): Promise<number | undefined> {
  const other = () => {
    const pid = findOwnProcess(pidFileOf('supervisor'), SUPERVISOR);
    return pid === process.pid ? undefined : pid;
  };
  const isStopping = () => findOwnProcess(pidFileOf('supervisor-stopping'), SUPERVISOR) !== undefined;
  if (other() === undefined || !isStopping()) return other();
  return progress.during('Waiting for an earlier start to end', async () => {
    while (other() !== undefined && isStopping()) await delay(POLL_MS);
    return other();
  });
}

/** Stops what a supervisor left behind that was killed; returns a line for each. Services go before what they use. */
export async function stopLeftovers(): Promise<string[]> {
  const services = found(SERVICE_NAMES.map((name) => ({ name, marker: serviceEntry(name), signal: 'SIGTERM' })));
  const backends = found([
    { name: 'kafka', marker: LocalKafka.marker(STATE.kafkaData), signal: 'SIGTERM' },
    { name: 'postgres', marker: LocalPostgres.marker(STATE.postgresData), signal: 'SIGINT' },
  ]);
  for (const group of [services, backends]) {
    await Promise.all(group.map(({ pid, signal }) => stopForeignProcess(pid, signal, GRACE_MS)));
  }
  return [...services, ...backends].map(({ name, pid }) => `stopped ${name} (pid ${pid}), left by an earlier start`);
}

function found(
  candidates: readonly { readonly name: string; readonly marker: string; readonly signal: NodeJS.Signals }[],
): Leftover[] {
  return candidates.flatMap(({ name, marker, signal }) => {
    const pid = findOwnProcess(pidFileOf(name), marker);
    return pid === undefined ? [] : [{ name, pid, signal }];
  });
}
