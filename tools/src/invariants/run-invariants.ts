import { rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { localStateDir, workspaceRoot } from '@hookstream/testing';
import { runTier } from '../test-run/run-tier.js';
import type { InvariantOptions } from './options.js';
import { problemsOf, readResults, resultsTable } from './results.js';

const TIER = { name: 'e2e', config: 'jest.e2e.config.mjs' } as const;
const SPEC = 'apps/e2e/invariants/nothing-accepted-is-lost';
const ORDER_SPEC = 'apps/e2e/invariants/order-survives-restarts';
const ORDERED_EVENTS = 10_000;

/** Plays the scenarios seed by seed; returns the exit code. */
export async function runInvariants({ scenarios, seeds, events }: InvariantOptions): Promise<number> {
  const folder = join(localStateDir(), 'invariants');
  rmSync(folder, { recursive: true, force: true });
  let failed = 0;
  for (const seed of seeds) {
    process.env['HOOKSTREAM_INVARIANTS'] = scenarios.length === 0 ? 'full' : scenarios.join(',');
    process.env['HOOKSTREAM_INVARIANTS_FOLDER'] = folder;
    process.env['HOOKSTREAM_TEST_SEED'] = String(seed);
    if (events !== undefined) process.env['HOOKSTREAM_TEST_EVENTS'] = String(events);
    process.env['HOOKSTREAM_TEST_ORDERED_EVENTS'] = String(events ?? ORDERED_EVENTS);
    const specs = scenarios.length === 0 ? [SPEC, ORDER_SPEC] : [SPEC];
    failed += (await runTier(TIER, specs)).failed;
  }
  const results = readResults(join(folder, 'results.ndjson'));
  const problems = problemsOf(results);
  const file = join(folder, 'results.json');
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), problems, results }, null, 2)}\n`);
  console.log(`\n${resultsTable(results).join('\n')}\n\nAll figures: ${relative(workspaceRoot(), file)}`);
  for (const problem of problems) console.error(problem);
  return failed === 0 && problems.length === 0 ? 0 : 1;
}
