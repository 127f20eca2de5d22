import { join } from 'node:path';
import { localStateDir } from '@hookstream/testing';

const root = join(localStateDir(), 'bench');

/** What lies where in `.hookstream/bench/`: results stay, data last as long as the run. */
export const BENCH = {
  root,
  kafkaData: join(root, 'kafka'),
  postgresData: join(root, 'postgres'),
  logDir: join(root, 'log'),
  runDir: join(root, 'run'),
  profileDir: join(root, 'profiles'),
} as const;

export function benchPidFile(name: string): string {
  return join(BENCH.runDir, `${name}.pid`);
}
