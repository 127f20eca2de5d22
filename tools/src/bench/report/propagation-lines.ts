import { boundOf } from '../measure/service-metrics.js';
import type { LatencySummary } from '../measure/percentiles.js';
import type { PropagationResult } from '../scenarios/propagation.js';
import { figure, table } from './table.js';

/** How long a change takes until it is in force. */
export function propagationLines(result: PropagationResult): string[] {
  const { changes, deliveriesPerSecond, answer, silence, awake, services, pending } = result;
  const row = (what: string, { p50, p99, max }: LatencySummary) => [`  ${what}`, ...[p50, p99, max].map(figure)];
  return [
    '',
    `propagation: ${figure(changes)} changes at ${figure(deliveriesPerSecond)} deliveries/s, ms; ${pending} answered as pending`,
    ...table([
      ['', 'p50', 'p99', 'max'],
      row('asked → answered: committed, and in Kafka', answer),
      row('deactivated or deleted, answered → last request (0: none)', silence),
      row('activation asked → first request (events come each 100 ms)', awake),
    ]),
    ...table([
      ['  commit → in force, as the service says, ms', 'changes', 'p50 ≤', 'p99 ≤', 'all ≤'],
      ...Object.entries(services).map(([name, buckets]) => [
        `  ${name}`,
        figure(buckets.get(Infinity)),
        ...[50, 99, 100].map((percent) => figure(boundOf(buckets, percent) * 1_000)),
      ]),
    ]),
  ];
}
