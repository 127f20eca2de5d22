import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

export function writePidFile(path: string, pid: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${pid}\n`);
}

/** Removes the file if it still names `pid`: a successor's file stays. */
export function removePidFile(path: string, pid: number): void {
  if (readPidFile(path) === pid) rmSync(path, { force: true });
}

function readPidFile(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The pid in the file, if that process lives and its command line contains `marker`. Process ids are reused, after a
 * reboot quickly, so a pid alone proves nothing and must not be signalled.
 */
export function findOwnProcess(path: string, marker: string): number | undefined {
  const pid = readPidFile(path);
  if (pid === undefined) return undefined;
  return commandLineOf(pid)?.includes(marker) === true ? pid : undefined;
}

/** Undefined when there is no such process, or only its zombie. */
export function commandLineOf(pid: number): string | undefined {
  try {
    const line =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' ? undefined : line;
  } catch {
    return undefined;
  }
}

/** Stops a process that is not our child: `signal`, at most `graceMs`, then SIGKILL. Returns once it is gone. */
export async function stopForeignProcess(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  sendSignal(pid, signal);
  const deadline = performance.now() + graceMs;
  let insisted = false;
  while (commandLineOf(pid) !== undefined) {
    if (!insisted && performance.now() >= deadline) {
      sendSignal(pid, 'SIGKILL');
      insisted = true;
    }
    await delay(POLL_MS);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between our look and the signal, which is what we wanted.
  }
}
