import type { ColdStart, ConfigResult } from '../scenarios/config.js';
import { figure, table } from './table.js';

const MEBIBYTE = 1_048_576;

/** What very many subscriptions cost. */
export function configLines({ subscriptions, republishMs, inForceMs, starts }: ConfigResult): string[] {
  return [
    '',
    `config: ${figure(subscriptions)} subscriptions; published again in ${figure(republishMs / 1_000)} s,` +
      ` in force in all running services after ${figure(inForceMs / 1_000)} s`,
    ...table([
      ['  cold start', 'ready with one', 'ready with all', 'resident', 'heap', 'bytes/subscription resident', 'heap'],
      ...starts.map(({ service, emptyReadyMs, readyMs, empty, memory }: ColdStart) => [
        `  ${service}`,
        `${figure(emptyReadyMs / 1_000)} s`,
        `${figure(readyMs / 1_000)} s`,
        `${figure(memory.residentBytes / MEBIBYTE)} MiB`,
        `${figure(memory.heapBytes / MEBIBYTE)} MiB`,
        figure((memory.residentBytes - empty.residentBytes) / subscriptions),
        figure((memory.heapBytes - empty.heapBytes) / subscriptions),
      ]),
    ]),
  ];
}
