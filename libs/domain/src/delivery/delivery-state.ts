/** Where a run of a delivery stands. All but the first two are terminal. */
export const DELIVERY_STATES = ['pending', 'retrying', 'cancelled', 'exhausted', 'dead-lettered', 'delivered'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
export type TerminalState = Exclude<DeliveryState, 'pending' | 'retrying'>;

export type ExhaustedReason = 'attempts' | 'max-age' | 'non-retryable-status' | 'gone';
export type CancelledReason = 'subscription-inactive' | 'subscription-deleted' | 'superseded' | 'by-user';

const RANK: Readonly<Record<DeliveryState, number>> = {
  pending: 0,
  retrying: 1,
  cancelled: 2,
  exhausted: 3,
  'dead-lettered': 3,
  delivered: 4,
};

/** The rank by which the log's state only rises within a run, whatever order reports arrive in. */
export function stateRank(state: DeliveryState): number {
  return RANK[state];
}

export function isTerminal(state: DeliveryState): state is TerminalState {
  return RANK[state] >= RANK.cancelled;
}
