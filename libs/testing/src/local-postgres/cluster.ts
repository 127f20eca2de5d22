import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { runCommandOrThrow } from '../child/run-command.js';
import type { Placement } from './unprivileged.js';

/** Makes a cluster with one superuser. Beside its place and renamed when complete, so that a half-made one is never used. */
export async function makeCluster(placement: Placement, superuser: string, password: string): Promise<void> {
  const { dataDir, binaries, user } = placement;
  const partial = `${dataDir}.partial`;
  const passwordFile = `${dataDir}.password`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) for (const path of [partial, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    const login = ['-U', superuser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    await runCommandOrThrow('initdb', {
      command: binaries.initdb,
      args: ['-D', partial, ...login, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      cwd: '/',
      ...(user && { user }),
    });
    renameSync(partial, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
