import { parseArgs } from 'node:util';
import { wholeNumber } from '../whole-number.js';
import { SERVICE_NAMES, type ServiceName } from '@hookstream/testing';

const SCENARIOS = [
  'path',
  'drain',
  'throughput',
  'baseline',
  'isolation',
  'delays',
  'waiting',
  'propagation',
  'config',
  'routing',
  'formats',
] as const;
/** What runs when nothing is asked for. */
const USUAL: readonly string[] = ['path', 'drain', 'throughput', 'baseline'];

export interface BenchOptions {
  readonly help: boolean;
  readonly scenarios: readonly (typeof SCENARIOS)[number][];
  /** Of `path`, `drain` and `baseline`. */
  readonly events: number;
  /** Of each event's data. */
  readonly dataBytes: number;
  /** Of `throughput`. */
  readonly subscriptions: number;
  readonly stepSeconds: number;
  /** Of `throughput` and to the healthy endpoints of `isolation`; half of what is sustained when undefined. */
  readonly perSecond: number | undefined;
  /** Of `waiting`; 1,000,000, or 200,000 ordered ones, when undefined. */
  readonly records: number | undefined;
  /** The dead endpoint of `waiting` is an ordered one. */
  readonly ordered: boolean;
  readonly profiled: readonly ServiceName[];
}

export const HELP = `npm run bench -- [scenarios] [options]

Starts a Kafka, a PostgreSQL and the five services of its own, measures, and stops everything. The figures go to the
terminal and, as JSON, to .hookstream/bench/. Compare ratios within a run, not figures of two machines. Linux only.

  path         events that all services take at once, topic to log: rate, cost by process
  drain        events that waited while the dispatcher was stopped: rate, cost by process, memory
  throughput   the highest rate that the whole path sustains; latency and cost at half of it
  baseline     the same requests by undici alone: the limit that the others are compared with
  isolation    healthy endpoints alone, beside one that hangs and one that refuses, while it comes back, and beside
               one that is flooded and slow: what that does to the latency of the healthy ones
  delays       retries of seven delays from 3 s to 2 min: how late each comes after it was due, and that none is early
  waiting      a million deliveries that wait for one dead endpoint beside ten that get theirs: memory of router,
               dispatcher and retry-scheduler while they become more and while they go, latency of the healthy ones
  propagation  a thousand changes of subscriptions under load, seen where events arrive: how long until each is in force
  config       100,000 subscriptions: publishing them again, and of router, dispatcher and config-api the time from their
               start until they are ready, and the memory
  routing      what finding ten subscriptions costs among 100, 10,000 and 100,000; alone it needs no Kafka
  formats      what rendering and signing cost, by format and by scheme; alone it needs no Kafka
  (default: path drain throughput baseline)

  --events <n>           of path, drain and baseline (20000)
  --bytes <n>            of each event's data (1024)
  --subscriptions <n>    of throughput (10)
  --seconds <n>          of each rate of throughput (8)
  --rate <n>             of throughput, and of isolation to the healthy endpoints: events/s (half of what is sustained)
  --records <n>          of waiting (1000000; with --ordered 200000)
  --ordered              the dead endpoint of waiting is an ordered one: what waits lies in fifo.hold
  --profile <services>   write CPU profiles of these services, separated by commas, to .hookstream/bench/profiles
  --help                 show this
`;

/** Returns what is wrong as a text. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        events: { type: 'string', default: '20000' },
        bytes: { type: 'string', default: '1024' },
        subscriptions: { type: 'string', default: '10' },
        seconds: { type: 'string', default: '8' },
        rate: { type: 'string' },
        records: { type: 'string' },
        ordered: { type: 'boolean', default: false },
        profile: { type: 'string', default: '' },
      },
    });
    const asked = positionals.map((name) => oneOf(SCENARIOS, name, 'scenario'));
    return {
      help: values.help,
      // In their own order: the baseline comes when all others are over.
      scenarios: SCENARIOS.filter((name) => (asked.length === 0 ? USUAL : asked).includes(name)),
      events: wholeNumber('events', values.events, 100, 10_000_000),
      dataBytes: wholeNumber('bytes', values.bytes, 64, 1_000_000),
      subscriptions: wholeNumber('subscriptions', values.subscriptions, 1, 1_000),
      stepSeconds: wholeNumber('seconds', values.seconds, 3, 600),
      perSecond: values.rate === undefined ? undefined : wholeNumber('rate', values.rate, 10, 20_000),
      records: values.records === undefined ? undefined : wholeNumber('records', values.records, 1_000, 10_000_000),
      ordered: values.ordered,
      profiled: values.profile
        .split(',')
        .filter((name) => name !== '')
        .map((name) => oneOf(SERVICE_NAMES, name, 'service')),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function oneOf<Name extends string>(names: readonly Name[], given: string, what: string): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Error(`no such ${what}: ${given} (${names.join(', ')})`);
  return found;
}
