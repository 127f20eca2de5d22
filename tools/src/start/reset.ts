import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { LocalPostgres } from '@hookstream/testing';
import { STATE } from './state-dir.js';

const DELETED = [STATE.kafkaData, STATE.postgresData, STATE.logDir, STATE.secrets, STATE.ports, STATE.localEnv];

/** Deletes all local data, keys and logs; Kafka's artefacts stay. False when the person says no, or cannot be asked. */
export async function resetLocalState(ask: 'ask' | 'sure'): Promise<boolean> {
  if (ask === 'ask' && !(await confirmed())) return false;
  // PostgreSQL's data may have had to live elsewhere.
  for (const path of [...DELETED, LocalPostgres.marker(STATE.postgresData)])
    rmSync(path, { recursive: true, force: true });
  return true;
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`Delete all local data, keys and logs in ${STATE.root}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
