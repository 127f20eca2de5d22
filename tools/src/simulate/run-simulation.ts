import { runSeeds, type scenarios, type SeedsReport } from '@hookstream/simulator';
import type { SimulateOptions } from './options.js';

const SHOWN_FAILURES = 20;

/** Plays the scenarios seed by seed; returns the exit code. */
export async function runSimulation(
  wanted: typeof scenarios,
  { from, seeds, seconds, lines }: SimulateOptions,
): Promise<number> {
  let code = 0;
  for (const scenario of wanted) {
    const report = await runSeeds(scenario, { from, count: seeds, withinMs: seconds * 1_000 });
    console.log(lineOf(report));
    showFailures(report, lines);
    if (report.failures.length > 0) code = 1;
  }
  return code;
}

function lineOf({ scenario, runs, realMs, virtualMs, events, counts, failures }: SeedsReport): string {
  const figures = Object.entries(counts).map(([name, value]) => `${value} ${name}`);
  return [
    scenario.padEnd(20),
    `${runs} runs in ${(realMs / 1_000).toFixed(1)} s (${(virtualMs / 3_600_000).toFixed(1)} h of virtual time, ${events} events)`,
    ...figures,
    `${failures.length} failed`,
  ].join(' · ');
}

function showFailures({ scenario, failures }: SeedsReport, lines: number): void {
  const [first] = failures;
  if (first === undefined) return;
  console.error(`\n${first.lastLines.slice(-lines).join('\n')}\n`);
  for (const { message } of failures.slice(0, SHOWN_FAILURES)) console.error(message);
  console.error(`\nto replay: npm run simulate -- --scenario ${scenario} --from ${first.seed} --seeds 1 --lines 5000`);
}
