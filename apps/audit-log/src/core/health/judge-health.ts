import type { EndpointHealth } from './endpoint-health.js';
import type { WatchedSubscription } from './watched-subscription.js';

/** An endpoint whose newest attempt failed, and what its owner was told of it. */
export interface FailingEndpoint extends Pick<
  EndpointHealth,
  'subscription' | 'configVersion' | 'failures' | 'lastFailure' | 'lastFailureAtMs'
> {
  readonly failingSinceMs: number;
  /** The last step that was warned of since then, and when. */
  readonly warnedStepMs: number | null;
  readonly warnedAtMs: number | null;
}

export type Verdict =
  | { readonly kind: 'nothing' }
  /** What is known is older than the last activation or resumption: it begins anew. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'warn'; readonly stepMs: number }
  | { readonly kind: 'deactivate' };

const NOTHING: Verdict = { kind: 'nothing' };

/**
 * What a policy says of an endpoint. Time counts from the first failure after the last success, whether it is tried again
 * or not: an endpoint that gets an event a week would else never be done with.
 *
 * A deactivation never comes without the time between the last warning and it: who was away, or we were, is warned first.
 */
export function judgeHealth(
  health: FailingEndpoint,
  subscription: WatchedSubscription | undefined,
  nowMs: number,
): Verdict {
  if (!subscription?.active || subscription.paused) return NOTHING;
  if (health.failingSinceMs < subscription.beganAtMs) return { kind: 'forget' };
  const { minAttempts, warnAfterMs } = subscription.policy;
  if (health.failures < minAttempts) return NOTHING;
  const elapsedMs = nowMs - health.failingSinceMs;
  if (isDeactivationDue(health, subscription, nowMs)) return { kind: 'deactivate' };
  const stepMs = warnAfterMs.findLast((step) => step <= elapsedMs);
  return stepMs !== undefined && stepMs > (health.warnedStepMs ?? 0) ? { kind: 'warn', stepMs } : NOTHING;
}

function isDeactivationDue(health: FailingEndpoint, { policy, version }: WatchedSubscription, nowMs: number): boolean {
  const { deactivateAfterMs, warnAfterMs } = policy;
  if (deactivateAfterMs === undefined || nowMs - health.failingSinceMs < deactivateAfterMs) return false;
  // Nothing was tried with the settings in force: they may be what repairs it.
  if (health.configVersion !== version) return false;
  const lastStepMs = warnAfterMs.findLast((step) => step <= deactivateAfterMs);
  if (lastStepMs === undefined) return true;
  const { warnedStepMs, warnedAtMs } = health;
  if (warnedAtMs === null || (warnedStepMs ?? 0) < lastStepMs) return false;
  return nowMs - warnedAtMs >= deactivateAfterMs - lastStepMs;
}
