/** Who is told of an endpoint that fails. */
export interface FailureNotices {
  readonly emails: readonly string[];
  /** Whether operational events (`hookstream.subscription.*`) are produced. */
  readonly events: boolean;
}

/** What happens to a subscription whose endpoint fails. What is left out follows `DEFAULT_FAILURE_POLICY`. */
export interface FailurePolicy {
  readonly deactivateOnGone: boolean;
  /** How long nothing may have succeeded before its owner is warned: once at each step. Milliseconds, rising. */
  readonly warnAfterMs?: readonly number[];
  /** How long nothing may have succeeded before it is deactivated; left out: never. Milliseconds. */
  readonly deactivateAfterMs?: number;
  /** Failed attempts without which an endpoint that was rarely asked is neither warned of nor deactivated. */
  readonly minAttempts?: number;
  readonly notify?: FailureNotices;
}

const DAY_MS = 86_400_000;

/**
 * Warnings only: nobody's deliveries end by a setting nobody chose. Five attempts are more than one delivery of the
 * shortest usual schedules, so that a single event nobody fetched is no reason, and few enough for an endpoint that is
 * asked twice a week.
 */
export const DEFAULT_FAILURE_POLICY: { readonly warnAfterMs: readonly number[] } & Required<
  Pick<FailurePolicy, 'minAttempts' | 'notify'>
> = {
  warnAfterMs: [DAY_MS, 3 * DAY_MS],
  minAttempts: 5,
  notify: { emails: [], events: true },
};
