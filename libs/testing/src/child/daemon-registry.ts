import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf } from './pid-file.js';

const FOLDER = 'HOOKSTREAM_TEST_DAEMONS';

/**
 * During a test run every daemon, in whichever of Jest's processes it was started, leaves a note in one folder, so that
 * an interrupted run can take all of them with it. Outside of test runs nothing is noted.
 */
export function noteDaemon(pid: number, args: readonly string[]): void {
  const folder = process.env[FOLDER];
  if (folder === undefined || !existsSync(folder)) return;
  writeFileSync(join(folder, String(pid)), args.join(' '));
}

export function forgetDaemon(pid: number): void {
  const folder = process.env[FOLDER];
  if (folder !== undefined) rmSync(join(folder, String(pid)), { force: true });
}

/** From now on, here and in children, daemons leave their notes in this folder. */
export function noteDaemonsIn(folder: string): void {
  mkdirSync(folder, { recursive: true });
  process.env[FOLDER] = folder;
}

/** The pids that are noted and still run what they ran then. */
export function notedDaemons(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map(Number)
    .filter((pid) => commandLineOf(pid)?.includes(readFileSync(join(folder, String(pid)), 'utf8')) === true);
}
