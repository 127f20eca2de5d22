import { parseArgs } from 'node:util';
import { wholeNumber } from '../whole-number.js';

export const HELP = `npm run simulate -- [scale] [options]

The real engine in simulated processes, on a simulated log under a virtual clock, with faults. Each seed is one run of each
scenario, and always the same one; a run that fails prints its last lines and the command that replays it.

  scale                100,000 subscriptions instead, some of them sick: latency of the others, memory, writes

  --scenario <name>    only this one; may be given several times (an unknown name lists them)
  --from <n>           the first seed (1)
  --seeds <n>          runs of each scenario (400)
  --seconds <n>        per scenario, after which no further seed is begun (20)
  --lines <n>          of the trace, shown for a failed run (60)
  --subscriptions <n>  of scale (100000)
  --rate <n>           of scale: deliveries per second of virtual time (2000)
  --duration <n>       of scale: virtual seconds in which deliveries come (60)
  --help               show this`;

export interface SimulateOptions {
  readonly help: boolean;
  readonly scale: boolean;
  /** All of them where it is empty. */
  readonly scenarios: readonly string[];
  readonly from: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly lines: number;
  readonly subscriptions: number;
  readonly perSecond: number;
  readonly durationSeconds: number;
}

const MOST = 1_000_000_000;

/** The options, or what is wrong with them. */
export function parseSimulateOptions(args: readonly string[], known: readonly string[]): SimulateOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scenario: { type: 'string', multiple: true, default: [] },
        from: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '400' },
        seconds: { type: 'string', default: '20' },
        lines: { type: 'string', default: '60' },
        subscriptions: { type: 'string', default: '100000' },
        rate: { type: 'string', default: '2000' },
        duration: { type: 'string', default: '60' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command] = positionals;
    if (command !== undefined && command !== 'scale') throw new Error(`there is no ${command}, only scale`);
    const unknown = values.scenario.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new Error(`no such scenario: ${unknown} (${known.join(', ')})`);
    return {
      help: values.help,
      scale: command === 'scale',
      scenarios: values.scenario,
      from: wholeNumber('from', values.from, 0, MOST),
      seeds: wholeNumber('seeds', values.seeds, 1, MOST),
      seconds: wholeNumber('seconds', values.seconds, 1, 86_400),
      lines: wholeNumber('lines', values.lines, 1, MOST),
      subscriptions: wholeNumber('subscriptions', values.subscriptions, 10, 1_000_000),
      perSecond: wholeNumber('rate', values.rate, 1, 100_000),
      durationSeconds: wholeNumber('duration', values.duration, 1, 86_400),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
