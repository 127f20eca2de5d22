import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { countRun, type Count } from './count.js';
import type { Tier } from './tiers.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs Jest for one tier, its output straight to ours. When we are told to stop, so is Jest, and we end after it. */
export async function runTier(tier: Tier, jestArgs: readonly string[]): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'hookstream-result-'));
  const resultFile = join(folder, 'result.json');
  try {
    const exitCode = await runJest([
      `--config=${tier.config}`,
      '--passWithNoTests',
      '--json',
      `--outputFile=${resultFile}`,
      ...jestArgs,
    ]);
    return countRun(existsSync(resultFile) ? readFileSync(resultFile, 'utf8') : undefined, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runJest(args: readonly string[]): Promise<number> {
  const node = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  // A group of its own, so that each signal comes once, and to Jest's workers too.
  const child = spawn(process.execPath, [...node, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  let interruptedBy: NodeJS.Signals | undefined;
  const forward = (signal: NodeJS.Signals): void => {
    interruptedBy = signal;
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      if (interruptedBy !== undefined) process.exit(128 + constants.signals[interruptedBy]);
      resolve(code ?? 1);
    });
  });
}
