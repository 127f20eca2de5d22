import { parseArgs } from 'node:util';
import { wholeNumber } from '../whole-number.js';

export const HELP = `npm run test:invariants -- [options]

Plays every kind of fault against the built services on a real Kafka and PostgreSQL, and reconciles what was produced with
what receivers got and the log tells; then whether 10,000 ordered events keep their order over two restarts. Ends with a
table; the same as JSON, and all journals, in .hookstream/invariants.

  --scenario <name>   only this one; may be given several times (an unknown name lists them)
  --seed <n>          of the first run; default: random. The same seed makes the same choices
  --seeds <n>         runs of each scenario, with seeds that follow on each other; default 1
  --events <n>        produced per scenario at least; default: each scenario's own
  --help`;

export interface InvariantOptions {
  readonly scenarios: readonly string[];
  readonly seeds: readonly number[];
  readonly events: number | undefined;
  readonly help: boolean;
}

const MOST = 10_000_000;

/** The options, or what is wrong with them. */
export function parseInvariantOptions(args: readonly string[], randomSeed = pickSeed): InvariantOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        events: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const first = values.seed === undefined ? randomSeed() : wholeNumber('seed', values.seed, 0, MOST);
    const seeds = wholeNumber('seeds', values.seeds, 1, MOST);
    return {
      scenarios: values.scenario,
      seeds: Array.from({ length: seeds }, (_, index) => first + index),
      events: values.events === undefined ? undefined : wholeNumber('events', values.events, 1, MOST),
      help: values.help,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function pickSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}
