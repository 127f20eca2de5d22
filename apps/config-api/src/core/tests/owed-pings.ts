/**
 * Pings that activations made due: noted in the transaction that activates, and forgotten once Kafka has them. Killed in
 * between, a service that runs later sends them.
 */
export interface OwedPings {
  /** Subscriptions whose ping is owed since before a time, the longest first. */
  overdue(since: Date): Promise<readonly string[]>;
  /** Nothing is owed for an activation any more, nor for one before it. @param activatedAt `null`: for none at all */
  settle(subscription: string, activatedAt: Date | null): Promise<void>;
}
