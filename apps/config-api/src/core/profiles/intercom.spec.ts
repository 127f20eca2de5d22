import jsonata from 'jsonata';
import { describe, expect, it } from '@jest/globals';
import { type DeliveryFacts, templateInput } from '@hookstream/rendering';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { withProfile } from './profiles.js';

const { settings, request } = (() => {
  const given = { profile: 'intercom', endpoint: { url: 'https://a.example' }, signing: { secret: 'hush' } };
  const read = subscriptionRequest.parse(withProfile(given));
  return { settings: read, request: read.payload.template ?? '' };
})();

const user = { type: 'user', id: '57179d0fcda796048c00046d', user_id: null, anonymous: false, name: 'John Smith' };
const FIRST_SENT_AT = '2016-04-20T15:15:27.412Z';
const first: DeliveryFacts = {
  ...{ id: 'dlv_b665efa0070a11e6a52e73634a395e93', run: '0', attempt: 1, attemptInRun: 1, previous: null },
  ...{ firstSeenAt: FIRST_SENT_AT, firstSentAt: FIRST_SENT_AT, sentAt: FIRST_SENT_AT },
};

async function sent(facts: Partial<DeliveryFacts>, type = 'user.created'): Promise<unknown> {
  const input = templateInput(
    {
      ...{ id: 'e-1', source: '/users', type, time: '2016-04-20T15:15:27Z', extensions: { appid: 'YOUR_APP_ID' } },
      data: Buffer.from(JSON.stringify(user)),
    },
    { ...first, ...facts },
  );
  if (!input.ok) throw new Error(input.detail);
  const made: unknown = await jsonata(request).evaluate(JSON.parse(input.text));
  return JSON.parse(JSON.stringify(made)) as unknown;
}

describe('the profile intercom', () => {
  const notification = {
    type: 'notification_event',
    app_id: 'YOUR_APP_ID',
    data: { type: 'notification_event_data', item: user },
    id: 'notif_b665efa0070a11e6a52e73634a395e93',
    topic: 'user.created',
    delivery_status: null,
    delivery_attempts: 1,
    first_sent_at: 1461165327,
    created_at: 1461165327,
  };

  it('puts the data into a notification_event with its topic, its times in whole seconds, and no status at first', async () => {
    expect(await sent({})).toEqual(notification);
  });

  it('keeps the id and the time of the first sending at a retry, and says that it is one', async () => {
    const previous = { status: 503, error: null };
    const retry = { attempt: 2, attemptInRun: 2, sentAt: '2016-04-20T15:20:30.000Z', previous };
    expect(await sent(retry)).toEqual({ ...notification, delivery_status: 'retrying', delivery_attempts: 2 });
  });

  it('names the topic of a test "ping"', async () => {
    expect(await sent({}, 'hookstream.ping')).toMatchObject({ topic: 'ping' });
  });

  it('is signed by X-Hub-Signature, wants an answer in 5 seconds, is retried, and ends after a week of failure', () => {
    expect(settings).toMatchObject({
      endpoint: { timeout: 5_000, successStatuses: ['2xx'] },
      signing: { scheme: 'intercom' },
      onFailure: { deactivateOnGone: true, deactivateAfter: 7 * 86_400_000 },
    });
    expect(settings.retry.schedule.length).toBeGreaterThan(0);
  });
});
