import jsonata from 'jsonata';
import { describe, expect, it } from '@jest/globals';
import { type DeliveryFacts, templateInput } from '@hookstream/rendering';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { withProfile } from './profiles.js';

const settings = subscriptionRequest.parse(
  withProfile({ profile: 'messenger', endpoint: { url: 'https://a.example' }, signing: { secret: 'hush' } }),
);

const TIME = '2016-03-23T00:25:52.478Z';
const facts: DeliveryFacts = {
  ...{ id: 'dlv_1', run: '0', attempt: 1, attemptInRun: 1, previous: null },
  ...{ firstSeenAt: TIME, firstSentAt: TIME, sentAt: TIME },
};
const message = { sender: { id: '<PSID>' }, recipient: { id: '<PAGE_ID>' }, message: { mid: 'm_1', text: 'hello' } };

/** What is sent for events with these data, as the dispatcher gives them to the template. */
async function sent(...events: readonly { readonly data: object; readonly subject?: string }[]): Promise<unknown> {
  const entries = events.map(({ data, subject }) => {
    const event = { id: 'e-1', source: '/pages', type: 'message.received', time: TIME, subject };
    const input = templateInput({ ...event, data: Buffer.from(JSON.stringify(data)) }, facts);
    if (!input.ok) throw new Error(input.detail);
    return input.text;
  });
  const input: unknown = JSON.parse(`{"entries":[${entries.join()}]}`);
  const made: unknown = await jsonata(settings.payload.template ?? '').evaluate(input);
  return JSON.parse(JSON.stringify(made)) as unknown;
}

describe('the profile messenger', () => {
  const entry = { id: '<PAGE_ID>', time: 1458692752478, messaging: [message] };

  it('sends an event as an entry of its page, with the time in milliseconds and one item of messaging', async () => {
    expect(await sent({ data: message })).toEqual({ object: 'page', entry: [entry] });
  });

  it('sends several events in one request, an entry each', async () => {
    const other = { ...message, recipient: { id: 'other' } };
    const both = await sent({ data: message }, { data: other });
    expect(both).toEqual({ object: 'page', entry: [entry, { ...entry, id: 'other', messaging: [other] }] });
  });

  it('takes the page from the subject of the event, and an entry that is one already as it is', async () => {
    const messaging = [message, message];
    expect(await sent({ data: { messaging }, subject: 'p-7' })).toEqual({
      object: 'page',
      entry: [{ ...entry, id: 'p-7', messaging }],
    });
  });

  it('is signed by a secret, gathers up to 100 events for a second, and is tried again until a 2xx', () => {
    expect(settings).toMatchObject({
      endpoint: { successStatuses: ['2xx'] },
      payload: { format: 'template', batch: { maxEntries: 100, maxWait: 1_000 } },
      signing: { scheme: 'messenger' },
    });
    expect(settings.retry.schedule).toHaveLength(9);
  });
});
