import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { binariesIn, type PostgresBinaries } from './binaries.js';

/** `nobody`: PostgreSQL refuses to run as root, and so do we. */
const UNPRIVILEGED: PostgresUser = { uid: 65_534, gid: 65_534 };
const TRAVERSABLE_BY_OTHERS = 0o001;
const READABLE_BY_ALL = 0o444;
const TRAVERSABLE_BY_ALL = 0o111;
// Unlike /tmp it survives a reboot.
const OUTSIDE = '/var/tmp';

interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

export interface Placement {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  /** Whom to become; undefined when we are not root and can stay who we are. */
  readonly user?: PostgresUser;
}

/**
 * Decides where PostgreSQL lives and who runs it. As root it must be an unprivileged user, who has to reach binaries
 * and data: what lies below a folder closed to others (as /root is) is kept in a folder of its own under /var/tmp,
 * named after the data directory's path, so that the next start finds it again.
 */
export function placePostgres(dataDir: string, installed: PostgresBinaries): Placement {
  if (process.getuid?.() !== 0) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return { binaries: installed, dataDir };
  }
  const binaries = isReachableByOthers(installed.directory) ? installed : copyBinaries(installed);
  const reachable = reachableDataDir(dataDir);
  mkdirSync(reachable, { recursive: true, mode: 0o700 });
  const user = ownerOf(reachable) ?? UNPRIVILEGED;
  chownSync(reachable, user.uid, user.gid);
  return { binaries, dataDir: reachable, user };
}

/** A cluster that an ordinary user made stays theirs, also when root starts it now and then. */
function ownerOf(dataDir: string): PostgresUser | undefined {
  const { uid, gid } = statSync(dataDir);
  return uid === 0 ? undefined : { uid, gid };
}

/** Where the data really is: `dataDir`, or its stand-in under /var/tmp. */
export function reachableDataDir(dataDir: string): string {
  if (process.getuid?.() !== 0 || isReachableByOthers(dirname(dataDir))) return dataDir;
  return join(outsideFolder(resolve(dataDir)), 'data');
}

/** Whether a user without any rights of their own may enter `path`; what does not exist yet is ours to make. */
function isReachableByOthers(path: string): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & TRAVERSABLE_BY_OTHERS) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function copyBinaries(installed: PostgresBinaries): PostgresBinaries {
  const installedAt = statSync(installed.postgres).mtimeMs;
  const copy = join(outsideFolder(`${installed.directory} ${installedAt}`), 'postgresql');
  if (!existsSync(copy)) {
    const partial = `${copy}.partial-${process.pid}`;
    cpSync(installed.directory, partial, { recursive: true, verbatimSymlinks: true });
    openToAll(partial);
    renameSync(partial, copy);
  }
  return binariesIn(copy);
}

function openToAll(path: string): void {
  const { mode, isLink, isFolder } = kindOf(path);
  if (isLink) return;
  chmodSync(path, mode | READABLE_BY_ALL | (isFolder || (mode & TRAVERSABLE_BY_ALL) !== 0 ? TRAVERSABLE_BY_ALL : 0));
  if (isFolder) for (const name of readdirSync(path)) openToAll(join(path, name));
}

function kindOf(path: string): { readonly mode: number; readonly isLink: boolean; readonly isFolder: boolean } {
  const stats = lstatSync(path);
  return { mode: stats.mode, isLink: stats.isSymbolicLink(), isFolder: stats.isDirectory() };
}

function outsideFolder(key: string): string {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const folder = join(OUTSIDE, `hookstream-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (statSync(folder).uid !== 0) throw new Error(`${folder} belongs to somebody else: remove it and try again`);
  return folder;
}
