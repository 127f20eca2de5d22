import { join } from 'node:path';
import { localStateDir } from '@hookstream/testing';

const root = localStateDir();

/** What lies where in `.hookstream/`. */
export const STATE = {
  root,
  kafkaData: join(root, 'kafka'),
  postgresData: join(root, 'postgres'),
  logDir: join(root, 'log'),
  runDir: join(root, 'run'),
  /** Secrets of the local stack: the API key, the key-encryption key, the database password. */
  secrets: join(root, 'secrets.json'),
  ports: join(root, 'ports.json'),
  localEnv: join(root, 'local.env'),
} as const;

export function pidFileOf(name: string): string {
  return join(STATE.runDir, `${name}.pid`);
}
