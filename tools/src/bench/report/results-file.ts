import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions } from '../options.js';
import { BENCH } from '../stack/state.js';
import type { BenchResults } from './report.js';

/** Keeps the figures; returns where. */
export function writeResults(results: BenchResults, options: BenchOptions, problems: readonly string[]): string {
  const at = new Date().toISOString();
  const file = join(BENCH.root, `${at.replaceAll(':', '-')}.json`);
  const machine = { node: process.version, cpus: availableParallelism(), model: cpus()[0]?.model ?? null };
  mkdirSync(BENCH.root, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at, machine, options, problems, ...results }, null, 2)}\n`);
  return file;
}
