import type { RetryPolicy } from '../subscription/subscription.js';

/** A run that has failed once more, and what its policy says of it. */
export interface FailedRun {
  /** Attempts made in this run, the failed one included. */
  readonly attemptsMade: number;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** What the receiver asked for by `Retry-After`, 0 when nothing. It lengthens the delay and never shortens it. */
  readonly retryAfterMs: number;
}

export type RetryPlan =
  | { readonly kind: 'retry'; readonly dueAtMs: number }
  | { readonly kind: 'exhausted'; readonly reason: 'attempts' | 'max-age' };

/** Above this a receiver's `Retry-After` is not believed: 24 h. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * When a failed run is attempted again, if at all.
 *
 * @param random uniform in [0, 1): 0.5 gives the schedule's own delay
 */
export function planNextAttempt(policy: RetryPolicy, run: FailedRun, nowMs: number, random: number): RetryPlan {
  const scheduled =
    policy.scheduleMs[run.attemptsMade - 1] ?? (policy.repeatLast ? policy.scheduleMs.at(-1) : undefined);
  if (scheduled === undefined) return { kind: 'exhausted', reason: 'attempts' };
  const jittered = scheduled * (1 + policy.jitter * (2 * random - 1));
  const delayMs = Math.max(jittered, Math.min(run.retryAfterMs, MAX_RETRY_AFTER_MS));
  const dueAtMs = nowMs + Math.round(delayMs);
  if (dueAtMs - run.startedAtMs > policy.maxAgeMs) return { kind: 'exhausted', reason: 'max-age' };
  return { kind: 'retry', dueAtMs };
}
