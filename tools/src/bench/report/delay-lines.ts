import type { DelaysResult } from '../scenarios/delays.js';
import { figure, table } from './table.js';

/** How late retries were after they were due. */
export function delayLines({ delays }: DelaysResult): string[] {
  return [
    '',
    'delays: how late a retry came after it was due, ms (promised: never early, at most 2 s or 2 % late)',
    ...table([
      ['  delay', 'retries', 'p50', 'p90', 'p99', 'max', 'early', 'too late'],
      ...delays.map(({ delaySeconds, lateness: { count, p50, p90, p99, max }, early, tooLate }) => [
        `  ${delaySeconds} s`,
        String(count),
        ...[p50, p90, p99, max].map(figure),
        String(early),
        String(tooLate),
      ]),
    ]),
  ];
}
