import type { EndpointState } from './endpoint-state.js';

/** Why an endpoint is not to be given anything now. */
export type EndpointBar =
  | { readonly kind: 'breaker-open' | 'rate-limit' | 'overflow'; readonly untilMs: number }
  /** An open breaker whose time is over, since then: one record may find out how the endpoint is. */
  | { readonly kind: 'probe-due'; readonly sinceMs: number };

/** An overflow is told again and again while it lasts: one that was told longer ago than this is over, or its owner is gone. */
export const OVERFLOW_VALID_MS = 60_000;

/**
 * What keeps records from an endpoint, by what its owner told last; `undefined`: nothing. Every bar ends by itself, so
 * that an owner that is gone stops nobody for ever.
 *
 * @param resumedAtMs what was known before the subscription was resumed counts no more
 */
export function endpointBar(
  state: EndpointState | undefined,
  resumedAtMs: number,
  nowMs: number,
): EndpointBar | undefined {
  if (!state || state.atMs <= resumedAtMs) return undefined;
  const { breaker, openUntilMs, holdUntilMs, overflowing, atMs } = state;
  if (holdUntilMs !== null && holdUntilMs > nowMs) return { kind: 'rate-limit', untilMs: holdUntilMs };
  if (breaker === 'open') {
    const untilMs = openUntilMs ?? atMs;
    return untilMs > nowMs ? { kind: 'breaker-open', untilMs } : { kind: 'probe-due', sinceMs: untilMs };
  }
  const overflowEndsMs = atMs + OVERFLOW_VALID_MS;
  return overflowing && overflowEndsMs > nowMs ? { kind: 'overflow', untilMs: overflowEndsMs } : undefined;
}
