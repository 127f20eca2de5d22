import { parseArgs } from 'node:util';
import { runSeeds, scenarios, type SeedsReport } from '@hookstream/simulator';
import { printScale } from './simulate/print-scale.js';

// `npm run simulate`: the real engine in simulated processes, on a simulated log, under faults. Each seed is one run of
// each scenario, and always the same one.
//
//   npm run simulate -- --seeds 5000 --from 1 --scenario engine-under-faults
//   npm run simulate -- --scenario engine-under-faults --from 15 --seeds 1     what a failed run prints, to replay it
//   npm run simulate -- scale     100,000 subscriptions, some of them sick: latency of the others, memory, writes

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string', multiple: true },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '400' },
    /** Real seconds per scenario, after which no further seed is begun. */
    seconds: { type: 'string', default: '20' },
    /** Lines of the trace shown for a failed run. */
    lines: { type: 'string', default: '60' },
    /** Of `scale`. */
    subscriptions: { type: 'string', default: '100000' },
    /** Of `scale`: deliveries per second of virtual time. */
    rate: { type: 'string', default: '2000' },
    /** Of `scale`: virtual seconds in which deliveries come. */
    duration: { type: 'string', default: '60' },
  },
});

if (positionals[0] === 'scale') {
  await printScale({
    seed: Number(values.from),
    subscriptions: Number(values.subscriptions),
    deliveriesPerSecond: Number(values.rate),
    durationMs: Number(values.duration) * 1_000,
    partitions: 12,
    sickness: { down: 0.03, flapping: 0.01, slow: 0.01 },
  });
  process.exit();
}

const wanted = scenarios.filter(({ name }) => values.scenario?.includes(name) ?? true);
if (wanted.length === 0) {
  console.error(`There is no such scenario. There are: ${scenarios.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

for (const scenario of wanted) {
  const report = await runSeeds(scenario, {
    from: Number(values.from),
    count: Number(values.seeds),
    withinMs: Number(values.seconds) * 1_000,
  });
  console.log(lineOf(report));
  showFailures(report);
  if (report.failures.length > 0) process.exitCode = 1;
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

function showFailures({ scenario, failures }: SeedsReport): void {
  const [first] = failures;
  if (first === undefined) return;
  console.error(`\n${first.lastLines.slice(-Number(values.lines)).join('\n')}\n`);
  for (const { message } of failures.slice(0, 20)) console.error(message);
  console.error(`\nto replay: npm run simulate -- --scenario ${scenario} --from ${first.seed} --seeds 1 --lines 5000`);
}
