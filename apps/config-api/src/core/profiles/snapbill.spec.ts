import jsonata from 'jsonata';
import { describe, expect, it } from '@jest/globals';
import { templateInput } from '@hookstream/rendering';
import { planNextAttempt } from '@hookstream/domain';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { newSubscription } from '../subscriptions/subscription-state.js';
import { withProfile } from './profiles.js';

const START = new Date('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const request = (more: object = {}) =>
  withProfile({ profile: 'snapbill', endpoint: { url: 'https://a.example' }, ...more });
const hydrate = { url: 'https://api.example/invoices/{{event.subject}}' };
const { settings } = newSubscription(subscriptionRequest.parse(request({ payload: { hydrate } })), {
  id: 'sub_1',
  organization: 'org_default',
  sealedSecrets: [],
  sealedEndpoint: {},
  startInactive: false,
  now: START,
});

/** What a request carries, by a type, the data of the event and the entity as it is then. */
async function sent(type: string, data: object, entity: object | null): Promise<unknown> {
  const [id, at] = ['dlv_b665efa0070a11e6a52e73634a395e93', '2026-01-01T00:00:00.000Z'];
  const input = templateInput(
    { ...{ id: 'e-1', source: '/billing', type, time: at }, data: Buffer.from(JSON.stringify(data)) },
    {
      ...{ id, run: '0', attempt: 1, attemptInRun: 1, previous: null },
      ...{ firstSeenAt: at, firstSentAt: at, sentAt: at },
    },
    JSON.stringify(entity),
  );
  if (!input.ok) throw new Error(input.detail);
  const made: unknown = await jsonata(settings.payload.template ?? '').evaluate(JSON.parse(input.text));
  return made;
}

describe('the profile snapbill', () => {
  it('tells the path, the details, and the entity as it is by now, under one id at two places', async () => {
    const id = 'dlv_b665efa0070a11e6a52e73634a395e93';
    const invoice = { number: 'INV7', total_cents: 1250, state: 'cancelled' };
    expect(await sent('invoice.update.state', { details: 'paid' }, invoice)).toEqual({
      uuid: id,
      body: { id, path: '/invoice/update/state', details: 'paid', invoice },
    });
    expect(await sent('client.add', {}, { id: 4, name: 'Ann' })).toEqual({
      uuid: id,
      body: { id, path: '/client/add', client: { id: 4, name: 'Ann' } },
    });
    expect(await sent('client.delete', {}, null)).toMatchObject({ body: { client: null } });
  });

  it('must be told where the entity is read, and reads it at each delivery', () => {
    const { error } = subscriptionRequest.safeParse(request());
    expect(error?.issues).toMatchObject([{ path: ['payload', 'hydrate', 'url'] }]);
    expect(settings.payload).toMatchObject({ format: 'template', hydrate: { ...hydrate, cacheMs: 0 } });
  });

  it('tries until an answer is a 2xx: hourly in the end, for longer than it takes to be deactivated', () => {
    const startedAtMs = START.getTime();
    let nowMs = startedAtMs;
    let attemptsMade = 0;
    const waits: number[] = [];
    while (nowMs - startedAtMs < 9 * DAY_MS) {
      attemptsMade += 1;
      const plan = planNextAttempt(settings.retry, { attemptsMade, startedAtMs, retryAfterMs: 0 }, nowMs, 0.5);
      if (plan.kind !== 'retry') throw new Error(plan.reason);
      waits.push((plan.dueAtMs - nowMs) / MINUTE_MS);
      nowMs = plan.dueAtMs;
    }
    expect(waits.slice(0, 6)).toEqual([1, 5, 15, 60, 60, 60]);
    expect(settings.endpoint.successStatuses).toEqual(['2xx']);
    expect(settings.retry.nonRetryableStatuses).toEqual([]);
  });

  it('warns after a week of failure, then ends, and not for a 410', () => {
    expect(settings.onFailure).toMatchObject({
      deactivateOnGone: false,
      warnAfterMs: [7 * DAY_MS],
      deactivateAfterMs: 8 * DAY_MS,
    });
  });
});
