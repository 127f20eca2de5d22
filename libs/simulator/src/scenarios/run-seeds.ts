import { FailedRun, type Scenario } from './scenario.js';

export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** Real time after which no further seed is begun. Milliseconds. */
  readonly withinMs?: number;
}

export interface SeedsReport {
  readonly scenario: string;
  readonly runs: number;
  readonly realMs: number;
  readonly virtualMs: number;
  readonly events: number;
  /** Sums over all runs. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly FailedRun[];
}

/** One run after the other; a failure ends its run only. */
export async function runSeeds(
  scenario: Scenario,
  { from, count, withinMs = Infinity }: SeedRange,
): Promise<SeedsReport> {
  const startedAtMs = performance.now();
  const elapsedMs = () => performance.now() - startedAtMs;
  const failures: FailedRun[] = [];
  const counts: Record<string, number> = {};
  let [runs, virtualMs, events] = [0, 0, 0];
  for (let seed = from; seed < from + count && elapsedMs() < withinMs; seed += 1) {
    runs += 1;
    try {
      const report = await scenario.run(seed);
      virtualMs += report.virtualMs;
      events += report.events;
      for (const [name, value] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + value;
    } catch (error) {
      if (!(error instanceof FailedRun)) throw error;
      failures.push(error);
    }
  }
  return { scenario: scenario.name, runs, realMs: elapsedMs(), virtualMs, events, counts, failures };
}
