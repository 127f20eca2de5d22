import type { IsolationResult, Situation } from '../scenarios/isolation.js';
import { figure, table } from './table.js';

/** A change below it is the promise (P3). */
const PROMISED_CHANGE = 0.2;

/** What sick neighbours did to healthy endpoints. */
export function isolationLines(result: IsolationResult): string[] {
  const { alone, besideWell, besideSick, whileReturning, aloneSmall, spreadEvenly, besideBusy, besideFlood } = result;
  const { backlog } = result;
  // The first one still warms up; how far it differs from the second is shown beside it.
  const base = alone.at(-1);
  return [
    '',
    `isolation: latency of ${result.healthyEndpoints} healthy endpoints, open loop, ms from the scheduled moment to the arrival` +
      (result.sustainedPerSecond === undefined ? '' : `; sustained were ${figure(result.sustainedPerSecond)}/s`),
    ...table([
      ['  ', 'events/s', 'p50', 'p90', 'p99', 'max', 'usual p99', 'it changes', 'missing', 'duplicates'],
      ...alone.map((one, n) => row(n === 0 ? '  alone' : '  alone, again', one)),
      row('  beside two more that answer at once (10 and 2 % of the traffic)', besideWell, base),
      // As much work for the machine, so that what differs is the sickness; against no such traffic at all in brackets.
      row('  beside the same when one hangs and one refuses', besideSick, besideWell, base),
      row('  while that one comes back with its backlog', whileReturning, besideWell, base),
      row('  99 others alone, with a fifth of the traffic', aloneSmall),
      // As much work for the machine as with the flood: what differs then is the flood alone.
      row('  99 of 100 alike, with all of the traffic spread evenly', spreadEvenly),
      row('  99 beside one with 80 % of the same traffic that answers at once', besideBusy, spreadEvenly),
      row('  99 beside the same when it takes 2 s', besideFlood, spreadEvenly),
    ]),
    '  !: more than the promised 20 %; in brackets: against the healthy ones alone',
    '  usual p99: the median of those of 5 s each; equal situations, as the first two, show what the machine alone changes',
    `  backlog of the hanging one: ${backlog.returned} of ${backlog.events} came within ${figure(backlog.seconds)} s of its recovery, the rest by its retry schedule`,
  ];
}

function row(title: string, situation: Situation, ...bases: readonly (Situation | undefined)[]): string[] {
  const { healthyPerSecond, latency, usualP99, missing, duplicates } = situation;
  const { p50, p90, p99, max } = latency;
  const [change, inBrackets] = bases.map((base) => base && changeText(usualP99 / base.usualP99 - 1));
  return [
    title,
    ...[healthyPerSecond, p50, p90, p99, max, usualP99].map(figure),
    `${change ?? ''}${inBrackets ? ` (${inBrackets})` : ''}`,
    String(missing),
    String(duplicates),
  ];
}

function changeText(change: number): string {
  const percent = `${change > 0 ? '+' : ''}${figure(change * 100)} %`;
  return change < PROMISED_CHANGE ? percent : `${percent}!`;
}
