import { matchesStatus } from '../subscription/status-list.js';
import type { EndpointSettings, RetryPolicy } from '../subscription/subscription.js';

/** What an attempt came to, as far as the policy cares. */
export type AttemptResult =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number }
  | { readonly kind: 'no-response' };

/** What the result means for the delivery. */
export type Outcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'non-retryable-status' }
  | { readonly kind: 'retryable'; readonly retryAfterMs: number };

/** Sorts a result: success by `successStatuses`, 410 ends, listed statuses end, everything else is retried. */
export function classifyResult(
  result: AttemptResult,
  endpoint: Pick<EndpointSettings, 'successStatuses'>,
  retry: Pick<RetryPolicy, 'nonRetryableStatuses'>,
): Outcome {
  if (result.kind === 'no-response') return { kind: 'retryable', retryAfterMs: 0 };
  if (matchesStatus(endpoint.successStatuses, result.status)) return { kind: 'success' };
  if (result.status === 410) return { kind: 'gone' };
  if (matchesStatus(retry.nonRetryableStatuses, result.status)) return { kind: 'non-retryable-status' };
  return { kind: 'retryable', retryAfterMs: result.retryAfterMs ?? 0 };
}
