import type { DeliveryReport } from '@hookstream/contracts';
import type { ReceivedRequest } from '@hookstream/testing';
import type { DeliveryView } from './api-client.js';

/** What one subscription's receiver saw and what the log says, held against what was produced. */
export interface Ledger {
  readonly produced: number;
  /** Events that no request brought. */
  readonly missing: readonly number[];
  /** Requests for a delivery that had been accepted before. */
  readonly duplicates: number;
  /**
   * Attempts that were made again although `attempts` told that they had been made. The other duplicates were in flight
   * when somebody was killed: sent, and not yet reported.
   */
  readonly repeats: number;
  /** In the log, by state. */
  readonly states: Readonly<Record<string, number>>;
  /** Events that the log knows more than once, or not at all. */
  readonly logMismatches: number;
}

/** The number each event carries in its data. */
function numberIn(request: ReceivedRequest): number {
  return (JSON.parse(request.body.toString()) as { data: { n: number } }).data.n;
}

export interface Books {
  /** Requests that were answered 2xx. */
  readonly accepted: readonly ReceivedRequest[];
  /** The whole log of the subscription. */
  readonly deliveries: readonly DeliveryView[];
  /** The reports of the subscription. */
  readonly reports: readonly DeliveryReport[];
}

export function reconcile(produced: number, { accepted, deliveries, reports }: Books): Ledger {
  const arrived = new Set(accepted.map(numberIn));
  const ids = new Set(accepted.map(({ headers }) => headers['webhook-id']));
  const logged = new Set(deliveries.map(({ event }) => event.externalId));
  const attempts = reports.flatMap((report) => (report.kind === 'attempt' ? [report.id] : []));
  const states: Record<string, number> = {};
  for (const { state } of deliveries) states[state] = (states[state] ?? 0) + 1;
  return {
    produced,
    missing: Array.from({ length: produced }, (_, n) => n).filter((n) => !arrived.has(n)),
    duplicates: accepted.length - ids.size,
    repeats: attempts.length - new Set(attempts).size,
    states,
    logMismatches: Math.abs(produced - deliveries.length) + (deliveries.length - logged.size),
  };
}
