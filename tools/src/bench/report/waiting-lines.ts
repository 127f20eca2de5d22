import type { ServiceMemory } from '../measure/service-metrics.js';
import type { WaitingPoint, WaitingResult } from '../scenarios/waiting.js';
import { figure, table } from './table.js';

const MEBIBYTE = 1_048_576;
/** Garbage collection alone makes two equal moments differ by a quarter. */
const FLAT_RATIO = 1.5;

/** What very many waiting records cost. */
export function waitingLines({ records, ordered, healthyPerSecond, points, returned }: WaitingResult): string[] {
  const names = [...new Set(points.flatMap(({ memory }) => Object.keys(memory)))];
  const [before] = points;
  const after = points.filter(({ waiting }) => waiting > 0);
  return [
    '',
    `waiting: ${figure(records)} ${ordered ? 'ordered deliveries' : 'deliveries'} for one dead endpoint, ${healthyPerSecond}/s to ten healthy ones;` +
      ' memory in MiB: resident at most / heap and external at least',
    ...table([
      ['  ', 'waiting', ...names, 'healthy p50', 'p99, ms'],
      ...points.map(({ title, waiting, memory, latency }) => [
        `  ${title}`,
        figure(waiting),
        ...names.map((name) => memoryText(memory[name])),
        figure(latency.p50),
        figure(latency.p99),
      ]),
    ]),
    ...names.map((name) => flatness(name, after)),
    ...(before && after.length > 0
      ? [
          `  healthy p99: ${figure(before.latency.p99)} ms before, ${after.map(({ latency }) => figure(latency.p99)).join(', ')} ms then`,
        ]
      : []),
    `  a minute after it was back the endpoint had got ${figure(returned)}`,
  ];
}

function memoryText(memory: ServiceMemory | undefined): string {
  if (memory === undefined) return '–';
  return [memory.residentBytes, memory.heapBytes, memory.externalBytes]
    .map((bytes) => figure(bytes / MEBIBYTE))
    .join(' / ');
}

function flatness(name: string, points: readonly WaitingPoint[]): string {
  const ratioOf = (bytesOf: (memory: ServiceMemory) => number) => {
    const all = points.flatMap(({ memory }) => (memory[name] ? [bytesOf(memory[name])] : []));
    return Math.max(...all) / Math.min(...all);
  };
  const ratio = ratioOf(({ residentBytes }) => residentBytes);
  const kept = ratioOf(({ heapBytes, externalBytes }) => heapBytes + externalBytes);
  return `  ${name} ${ratio <= FLAT_RATIO ? 'flat' : 'NOT flat'}: while they wait, resident max/min ${ratio.toFixed(2)}, heap and external ${kept.toFixed(2)}`;
}
