import { describe, expect, it } from '@jest/globals';
import { endpointBar, OVERFLOW_VALID_MS } from './endpoint-bar.js';
import type { EndpointState } from './endpoint-state.js';

const AT_MS = 1_000_000;
const closed: EndpointState = {
  subscription: 'sub_1',
  breaker: 'closed',
  openUntilMs: null,
  openings: 0,
  holdUntilMs: null,
  overflowing: false,
  consecutiveFailures: 0,
  atMs: AT_MS,
};
const bar = (state: Partial<EndpointState>, nowMs: number, resumedAtMs = 0) =>
  endpointBar({ ...closed, ...state }, resumedAtMs, nowMs);

describe('what keeps records from an endpoint', () => {
  it('is nothing where nothing is known, or it recovers', () => {
    expect(endpointBar(undefined, 0, AT_MS)).toBeUndefined();
    expect(bar({ breaker: 'half-open' }, AT_MS)).toBeUndefined();
  });

  it('is an open breaker until its time is over; then a probe is due', () => {
    const open = { breaker: 'open', openUntilMs: AT_MS + 30_000 } as const;
    expect(bar(open, AT_MS + 29_999)).toEqual({ kind: 'breaker-open', untilMs: AT_MS + 30_000 });
    expect(bar(open, AT_MS + 30_000)).toEqual({ kind: 'probe-due', sinceMs: AT_MS + 30_000 });
  });

  it('is a Retry-After until its end, before everything else', () => {
    const held = { breaker: 'open', openUntilMs: AT_MS, holdUntilMs: AT_MS + 5 } as const;
    expect(bar(held, AT_MS + 4)).toMatchObject({ kind: 'rate-limit' });
    expect(bar(held, AT_MS + 5)).toMatchObject({ kind: 'probe-due' });
  });

  it('is an overflow that was told lately: an owner that is gone stops nobody for ever', () => {
    expect(bar({ overflowing: true }, AT_MS + OVERFLOW_VALID_MS - 1)).toMatchObject({ kind: 'overflow' });
    expect(bar({ overflowing: true }, AT_MS + OVERFLOW_VALID_MS)).toBeUndefined();
  });

  it('is nothing of before the subscription was resumed', () => {
    expect(bar({ breaker: 'open', openUntilMs: AT_MS + 30_000 }, AT_MS + 1, AT_MS)).toBeUndefined();
  });
});
