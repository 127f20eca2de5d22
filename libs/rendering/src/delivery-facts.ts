/** What a template may tell of the delivery it renders. Times are RFC 3339 in UTC, with milliseconds. */
export interface DeliveryFacts {
  readonly id: string;
  /** `0`, or a replay's id. */
  readonly run: string;
  /** From 1, over all runs. */
  readonly attempt: number;
  /** From 1, again in each run. */
  readonly attemptInRun: number;
  /** When the event was first seen, before its first run. */
  readonly firstSeenAt: string;
  /** When this run's first request started; of the first, `sentAt`. */
  readonly firstSentAt: string;
  /** When this request starts. */
  readonly sentAt: string;
  /** What this run's attempt before came to: its status, or in one word why there was none. `null` for the first. */
  readonly previous: { readonly status: number | null; readonly error: string | null } | null;
}
