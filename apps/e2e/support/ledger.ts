import type { ReceivedRequest } from '@hookstream/testing';
import type { DeliveryView } from './api-client.js';

/** What one subscription's receiver saw and what the log says, held against what was produced. */
export interface Ledger {
  readonly produced: number;
  /** Events that no request brought. */
  readonly missing: readonly number[];
  /** Requests for a delivery that had been accepted before. */
  readonly duplicates: number;
  /** In the log, by state. */
  readonly states: Readonly<Record<string, number>>;
  /** Events that the log knows more than once, or not at all. */
  readonly logMismatches: number;
}

/** The number each event carries in its data. */
function numberIn(request: ReceivedRequest): number {
  return (JSON.parse(request.body.toString()) as { data: { n: number } }).data.n;
}

/**
 * @param accepted requests that were answered 2xx
 * @param deliveries the whole log of the subscription
 */
export function reconcile(
  produced: number,
  accepted: readonly ReceivedRequest[],
  deliveries: readonly DeliveryView[],
): Ledger {
  const arrived = new Set(accepted.map(numberIn));
  const ids = new Set(accepted.map(({ headers }) => headers['webhook-id']));
  const logged = new Set(deliveries.map(({ event }) => event.externalId));
  const states: Record<string, number> = {};
  for (const { state } of deliveries) states[state] = (states[state] ?? 0) + 1;
  return {
    produced,
    missing: Array.from({ length: produced }, (_, n) => n).filter((n) => !arrived.has(n)),
    duplicates: accepted.length - ids.size,
    states,
    logMismatches: Math.abs(produced - deliveries.length) + (deliveries.length - logged.size),
  };
}
