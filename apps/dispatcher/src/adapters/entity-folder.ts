import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'hookstream-entities-';
const own = new Set<string>();

/**
 * A folder for the tables of this process. What processes that have ended left behind is removed: a table is made anew from
 * its topic by each process.
 *
 * @param parent shared with processes of this machine at most
 */
export function entityFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = Number(new RegExp(`^${NAME}(\\d+)-`).exec(name)?.[1]);
    if (Number.isInteger(pid) && !isAlive(pid) && !own.has(join(parent, name)))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(parent, `${NAME}${process.pid}-`));
  own.add(folder);
  return folder;
}

/** Another process of our own number has ended, for the number is ours now. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
