import { describe, expect, it } from '@jest/globals';
import { withoutPastPlan } from './delivery-view.js';
import type { LoggedDelivery } from './log-reader.js';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');

const planned = (nextAttemptAt: Date | null): LoggedDelivery => ({
  id: 'dlv_1',
  event: { id: 'evt_1', externalId: null, type: 'a', time: '', subject: null },
  organization: 'org_default',
  subscription: 'sub_1',
  run: '0',
  state: 'retrying',
  reason: null,
  attempts: 1,
  nextAttemptAt,
  createdAt: new Date(0),
  completedAt: null,
});

describe('when a delivery is attempted next', () => {
  it.each([
    ['lies ahead', 1, true],
    ['may be under way', -59_999, true],
    ['is over: it waits for its endpoint', -60_001, false],
  ])('is told while it %s', (_, inMs, isTold) => {
    const at = new Date(NOW_MS + inMs);
    expect(withoutPastPlan(planned(at), NOW_MS).nextAttemptAt).toEqual(isTold ? at : null);
  });
});
