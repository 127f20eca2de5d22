import jsonata from 'jsonata';
import { describe, expect, it } from '@jest/globals';
import { templateInput } from '@hookstream/rendering';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { withProfile } from './profiles.js';

const AT = '2022-02-11T11:26:59.631326+00:00';

async function sent(profile: string, event: object, data: object): Promise<unknown> {
  const request = subscriptionRequest.parse(withProfile({ profile, endpoint: { url: 'https://a.example' } }));
  const facts = { id: 'dlv_1', run: '0', attempt: 1, attemptInRun: 1, firstSeenAt: AT, firstSentAt: AT, sentAt: AT };
  const input = templateInput(
    {
      ...{ id: 'e-1', source: '/lending', type: 'a.b', time: AT, contentType: undefined },
      ...event,
      data: Buffer.from(JSON.stringify(data)),
    },
    { ...facts, previous: null },
  );
  if (!input.ok) throw new Error(input.detail);
  const made: unknown = await jsonata(request.payload.template ?? '').evaluate(JSON.parse(input.text));
  return JSON.parse(JSON.stringify(made)) as unknown;
}

describe('the profile defacto', () => {
  const id = 'a18d5057-0092-4555-b865-7ade03c3ac9b';
  const invoice = { id, status: 'SUBMITTED', amount: 12.5, lines: [{ sku: 'a' }] };

  it('tells the entity, its transition, its status and its state, which is the payload of the event', async () => {
    const event = { type: 'Invoice.SUBMITTED', id, extensions: { transition: 'SUBMIT' } };
    expect(await sent('defacto', event, invoice)).toEqual({
      entity_type: 'invoice',
      transition_name: 'SUBMIT',
      status: 'SUBMITTED',
      timestamp: AT,
      id,
      event_type: 'Invoice.SUBMITTED',
      entity_state: invoice,
    });
  });

  it.each([[['Invoice.SUBMITTED', 'Invoice.VERIFIED']], [['Invoice.*']], [['**']]])(
    'is for one type, several, all of a resource, or all: %j',
    (eventTypes) => {
      const given = { profile: 'defacto', eventTypes, endpoint: { url: 'https://a.example' } };
      const request = subscriptionRequest.parse(withProfile(given));
      expect(request).toMatchObject({ eventTypes, endpoint: { method: 'POST' } });
    },
  );
});

describe('the profile slack', () => {
  it('sends the text of the data, else the type and the subject', async () => {
    expect(await sent('slack', {}, { text: 'Invoice 7 was submitted' })).toEqual({ text: 'Invoice 7 was submitted' });
    const event = { type: 'Invoice.SUBMITTED', subject: '7' };
    expect(await sent('slack', event, { amount: 1 })).toEqual({ text: 'Invoice.SUBMITTED (7)' });
  });
});
