import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import { removePidFile, workspaceRoot, writePidFile } from '@hookstream/testing';
import { Progress } from '../start/progress.js';
import { StopSignals } from '../start/stop-signals.js';
import type { BenchOptions } from './options.js';
import { problemsOf, report, type BenchResults } from './report/report.js';
import { writeResults } from './report/results-file.js';
import { baseline } from './scenarios/baseline.js';
import { config } from './scenarios/config.js';
import { delays } from './scenarios/delays.js';
import { drain } from './scenarios/drain.js';
import { formats } from './scenarios/formats.js';
import { isolation } from './scenarios/isolation.js';
import { path } from './scenarios/path.js';
import { propagation } from './scenarios/propagation.js';
import { routing } from './scenarios/routing.js';
import { throughput } from './scenarios/throughput.js';
import { waiting } from './scenarios/waiting.js';
import { BenchWorld } from './stack/bench-world.js';
import { findRunningBenchmark, stopBenchLeftovers } from './stack/leftovers.js';
import { BENCH, benchPidFile } from './stack/state.js';

/** They run in this process alone. */
const WITHOUT_STACK: ReadonlySet<string> = new Set(['routing', 'formats']);

/** Brings up a stack, runs the scenarios, takes it down; returns the exit code. */
export async function runBench(options: BenchOptions): Promise<number> {
  const other = findRunningBenchmark();
  if (other !== undefined) return fail(`A benchmark already runs here (pid ${other}).`);
  rmSync(BENCH.logDir, { recursive: true, force: true });
  writePidFile(benchPidFile('bench'), process.pid);

  const progress = new Progress();
  const stop = new StopSignals();
  const world = new BenchWorld({ progress, signal: stop.signal, profiled: options.profiled });
  // Whoever waits for one of them then hears that it is gone.
  void stop.requested.then(() => world.down());
  try {
    await stopBenchLeftovers();
    if (options.scenarios.some((name) => !WITHOUT_STACK.has(name))) await world.up();
    const results = await runScenarios(world, options);
    for (const line of report(results)) progress.say(line);
    return conclude(results, options, progress);
  } catch (error) {
    if (stop.signal.aborted) return fail('Interrupted.');
    return fail(`${describe(error)}\nThe services' logs are in ${relative(workspaceRoot(), BENCH.logDir)}`);
  } finally {
    await progress.during('Stopping everything', () => world.down());
    removePidFile(benchPidFile('bench'), process.pid);
  }
}

async function runScenarios(world: BenchWorld, options: BenchOptions): Promise<BenchResults> {
  const asked = (name: BenchOptions['scenarios'][number]) => options.scenarios.includes(name);
  return {
    ...(asked('path') && { path: await path(world, options) }),
    ...(asked('drain') && { drain: await drain(world, options) }),
    ...(asked('throughput') && { throughput: await throughput(world, options) }),
    ...(asked('baseline') && { baseline: await baseline(world, options) }),
    ...(asked('isolation') && { isolation: await isolation(world, options) }),
    ...(asked('delays') && { delays: await delays(world) }),
    ...(asked('waiting') && { waiting: await waiting(world, options) }),
    ...(asked('propagation') && { propagation: await propagation(world) }),
    ...(asked('config') && { config: await config(world) }),
    ...(asked('routing') && { routing: routing() }),
    ...(asked('formats') && { formats: await formats(options.dataBytes) }),
  };
}

function conclude(results: BenchResults, options: BenchOptions, progress: Progress): number {
  const problems = problemsOf(results);
  progress.say(`\nAll figures: ${relative(workspaceRoot(), writeResults(results, options, problems))}`);
  if (problems.length === 0) return 0;
  return fail(`This run is void:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
