import { describe, expect, it } from '@jest/globals';
import { type Claim, fingerprintOf, isWorthKeeping, judge } from './idempotency.js';

const answer = { status: 201, headers: {}, body: '{}' };

describe('judge', () => {
  it.each<[Claim, string]>([
    [{ kind: 'claimed' }, 'run'],
    [{ kind: 'answered', fingerprint: 'f', answer }, 'replay'],
    [{ kind: 'answered', fingerprint: 'other', answer }, 'other-request'],
    [{ kind: 'running', fingerprint: 'f', claimedAtMs: 0 }, 'running'],
    [{ kind: 'running', fingerprint: 'other', claimedAtMs: 0 }, 'other-request'],
    [{ kind: 'running', fingerprint: 'f', claimedAtMs: -200_000 }, 'lost'],
  ])('makes of %j: %s', (claim, verdict) => {
    expect(judge(claim, 'f', 1_000).kind).toBe(verdict);
  });

  it('does not confuse requests whose parts join to the same text', () => {
    expect(fingerprintOf('ab', 'c')).not.toBe(fingerprintOf('a', 'bc'));
    expect(fingerprintOf('a', Buffer.from('b'))).toBe(fingerprintOf('a', 'b'));
  });

  it('keeps answers that another try would not change', () => {
    expect([201, 400, 409, 422, 401, 403, 429, 500, 503].filter(isWorthKeeping)).toEqual([201, 400, 409, 422]);
  });
});
