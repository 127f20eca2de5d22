import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { figure, table } from '../bench/report/table.js';

/** What a run leaves behind: a line of `results.ndjson`. */
const resultSchema = z.object({
  scenario: z.string(),
  seed: z.number(),
  events: z.number(),
  deliveries: z.number(),
  requests: z.number(),
  attempts: z.number(),
  duplicates: z.number(),
  inFlight: z.number(),
  repeats: z.number(),
  missing: z.number(),
  states: z.record(z.string(), z.number()),
  redeliveryMs: z.record(z.string(), z.number()),
  problems: z.array(z.string()),
});

export type InvariantResult = z.infer<typeof resultSchema>;

/** Of all deliveries of all runs together. */
const DUPLICATE_SHARE = 0.001;
/** From the restart of what was killed. */
const REDELIVERY_MS = 10_000;

export function readResults(file: string): InvariantResult[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => resultSchema.parse(JSON.parse(line)));
}

/** What is wrong with them, each by itself and all together. */
export function problemsOf(results: readonly InvariantResult[]): string[] {
  const problems = results.flatMap(({ scenario, seed, problems: own, redeliveryMs }) => [
    ...own.map((problem) => `${scenario}, seed ${seed}: ${problem}`),
    ...Object.entries(redeliveryMs)
      .filter(([fault, ms]) => isKillOfOurs(fault) && ms > REDELIVERY_MS)
      .map(([fault, ms]) => `${scenario}, seed ${seed}: ${ms} ms until the last redelivery after "${fault}"`),
  ]);
  const { duplicates, deliveries } = totalOf(results);
  const isTooMany = duplicates > DUPLICATE_SHARE * deliveries;
  return isTooMany ? [...problems, `${duplicates} duplicates of ${deliveries} deliveries in all`] : problems;
}

/** What the promise of a quick redelivery is about: one of the services was killed, not what they stand upon. */
function isKillOfOurs(fault: string): boolean {
  return fault.startsWith('kill ') && fault !== 'kill broker';
}

export function resultsTable(results: readonly InvariantResult[]): string[] {
  const head = [
    'scenario',
    'seed',
    'events',
    'deliveries',
    'attempts',
    'duplicates',
    'in flight',
    'repeated',
    'missing',
  ];
  const rows = results.map((result) => [
    result.scenario,
    String(result.seed),
    ...figuresOf(result),
    redeliveryOf(result),
  ]);
  const total = ['in all', '', ...figuresOf(totalOf(results))];
  return table([[...head, 'redelivery, s'], ...rows, total]);
}

function figuresOf(result: Omit<InvariantResult, 'scenario' | 'seed' | 'states' | 'redeliveryMs' | 'problems'>) {
  const { events, deliveries, attempts, duplicates, inFlight, repeats, missing } = result;
  const figures = [events, deliveries, attempts, duplicates, inFlight, repeats, missing];
  return figures.map((value) => value.toLocaleString('en-US'));
}

function redeliveryOf({ redeliveryMs }: InvariantResult): string {
  const kills = Object.entries(redeliveryMs).map(([fault, ms]) => `${fault} ${figure(ms / 1_000)}`);
  return kills.length === 0 ? '–' : kills.join(', ');
}

function totalOf(results: readonly InvariantResult[]) {
  const sum = (
    of: 'events' | 'deliveries' | 'requests' | 'attempts' | 'duplicates' | 'inFlight' | 'repeats' | 'missing',
  ) => results.reduce((total, result) => total + result[of], 0);
  return {
    events: sum('events'),
    deliveries: sum('deliveries'),
    requests: sum('requests'),
    attempts: sum('attempts'),
    duplicates: sum('duplicates'),
    inFlight: sum('inFlight'),
    repeats: sum('repeats'),
    missing: sum('missing'),
  };
}
