import { describe, expect, it } from '@jest/globals';
import { planNextAttempt } from '@hookstream/domain';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { newSubscription } from '../subscriptions/subscription-state.js';
import { withProfile } from './profiles.js';

const START = new Date('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const request = (more: object = {}) =>
  withProfile({ profile: 'job-tracker', endpoint: { url: 'https://a.example' }, ...more });
const subscription = newSubscription(subscriptionRequest.parse(request()), {
  id: 'sub_1',
  organization: 'org_default',
  sealedSecrets: [],
  sealedEndpoint: {},
  startInactive: true,
  now: START,
});

describe('the profile job-tracker', () => {
  it('starts inactive, and a ping goes with its activation', () => {
    expect(subscription).toMatchObject({ active: false, settings: { test: { onActivation: true } } });
  });

  it('sends to https only', () => {
    const plain = subscriptionRequest.safeParse(request({ endpoint: { url: 'http://a.example' } }));
    expect(plain.error?.issues).toMatchObject([{ path: ['endpoint', 'url'] }]);
  });

  it('takes Basic auth, or none', () => {
    const auth = { type: 'basic', username: 'u', password: 'p' };
    const basic = subscriptionRequest.safeParse(request({ endpoint: { url: 'https://a.example', auth } }));
    expect(basic.success).toBe(true);
    expect(subscription.settings.endpoint.auth).toBeUndefined();
  });

  it('tries again 5 minutes after the first failure, 10 after the second, and not after the third', () => {
    const { retry } = subscription.settings;
    let nowMs = START.getTime();
    const waits = [1, 2, 3].map((attemptsMade) => {
      const failed = { attemptsMade, startedAtMs: START.getTime(), retryAfterMs: 0 };
      const plan = planNextAttempt(retry, failed, nowMs, 0.9);
      if (plan.kind !== 'retry') return plan;
      const waitMs = plan.dueAtMs - nowMs;
      nowMs = plan.dueAtMs;
      return waitMs / MINUTE_MS;
    });
    expect(waits).toEqual([5, 10, expect.objectContaining({ kind: 'exhausted', reason: 'attempts' })]);
  });
});
