import { describe, expect, it } from '@jest/globals';
import type { Hydration } from '@hookstream/domain';
import type { OutboundRequest } from '@hookstream/egress';
import { NOW_MS, aDocument, aDueDelivery, anEvent, type DocumentPart } from '@hookstream/testing';
import { WebhookAttempts } from '../../adapters/webhook-attempts.js';
import { AccessTokens } from '../access-tokens.js';
import { maxHydratedBytes } from './hydrated-body.js';
import type { EntityReading } from './entity-reading.js';

const hydrate: Hydration = {
  ...{ url: 'https://api.example/{{event.subject}}', headers: {}, timeoutMs: 3_000, cacheMs: 0, notFound: 'null' },
};
const missing: EntityReading = { kind: 'missing', detail: "the entity's resource answered 404" };

/** Prepares one attempt, and sends it where there is one. */
async function attempt(reading: EntityReading | 'paid', part: DocumentPart = {}, test = false) {
  const sent: OutboundRequest[] = [];
  const inputs: string[] = [];
  let releases = 0;
  const paid = { kind: 'entity', json: Buffer.from('{"state": "paid"}'), release: () => (releases += 1) } as const;
  const attempts = new WebhookAttempts({
    sender: {
      sendRequest: (request) => {
        sent.push(request);
        return Promise.resolve({ kind: 'failure', class: 'timeout', message: 'late', durationMs: 1 });
      },
    },
    tokens: new AccessTokens({
      ask: () => Promise.reject(new Error('none')),
      now: () => 0,
      sleep: () => Promise.resolve(),
    }),
    templates: {
      render: ({ input }) => {
        inputs.push(input());
        return Promise.resolve({ kind: 'rendered', text: '"made"', isJson: true });
      },
    },
    entities: { read: () => Promise.resolve(reading === 'paid' ? paid : reading) },
    maxBodyBytes: 500,
    userAgent: 'Hookstream/1',
  });
  const document = aDocument({ hydrate, ...part });
  const delivery = aDueDelivery({
    event: anEvent({ subject: 'inv-7', dataSchema: 'https://s.example' }),
    ...(test && { test }),
  });
  const inForce = { kind: 'subscription', document, keys: () => [], open: () => Buffer.alloc(32) } as const;
  const prepared = await attempts.prepare(delivery, inForce, NOW_MS);
  if (prepared.ok) await prepared.send(() => true);
  const body = sent[0]?.body.toString();
  return { prepared, body, headers: sent[0]?.headers, inputs, releases };
}

describe('a payload that is bound to the delivery', () => {
  it.each([
    ['json', expect.stringMatching(/"data":\{"state": "paid"\}\}$/)],
    ['raw', '{"state": "paid"}'],
    ['form-payload', 'payload=%7B%22state%22%3A+%22paid%22%7D'],
    ['xml', expect.stringContaining('<data><state>paid</state></data>')],
    ['cloudevents-structured', expect.stringMatching(/^(?!.*dataschema).*"data":\{"state": "paid"\}/)],
  ] as const)('has the entity in place of the data, as %s, and is told as it was sent', async (format, expected) => {
    const { prepared, body, releases } = await attempt('paid', { format });
    expect(body).toEqual(expected);
    expect(prepared).toMatchObject({ request: { format, body: Buffer.from(body ?? '') } });
    expect(releases).toBe(1);
  });

  it('gives a template the entity beside the event and its data', async () => {
    const { inputs, body } = await attempt('paid', { template: 'entity' });
    expect(JSON.parse(inputs[0] ?? '')).toMatchObject({
      ...{ event: { subject: 'inv-7' }, data: { amount: 7 }, entity: { state: 'paid' } },
    });
    expect(body).toBe('"made"');
  });

  it('has null where the entity is gone, or is a dead letter where the settings say so', async () => {
    expect(await attempt(missing, { format: 'raw' })).toMatchObject({ body: 'null' });
    const refused = await attempt(missing, { hydrate: { ...hydrate, notFound: 'dead-letter' } });
    expect(refused.prepared).toEqual({ ok: false, reason: 'entity-not-found', detail: missing.detail });
  });

  it('is no attempt yet where the entity cannot be read, and none ever where the event does not name it', async () => {
    const later = await attempt({ kind: 'unavailable', detail: 'answered 500', againInMs: 30_000 });
    expect(later.prepared).toEqual({ ok: false, notBeforeMs: NOW_MS + 30_000, detail: 'answered 500' });
    const never = await attempt({ kind: 'unnamed', detail: 'the event has no usable event.subject' });
    expect(never.prepared).toMatchObject({ ok: false, reason: 'entity-unnamed' });
  });

  it('is refused where the log could not keep it', async () => {
    const large = { kind: 'entity', json: Buffer.from(`"${'x'.repeat(600)}"`), release: () => undefined } as const;
    expect((await attempt(large, { format: 'raw' })).prepared).toMatchObject({ reason: 'payload-too-large' });
    expect([maxHydratedBytes(1_048_576), maxHydratedBytes(1_024)]).toEqual([1_048_576, 320_256]);
  });

  it('of a test is made of what the test carries', async () => {
    expect(await attempt(missing, { format: 'raw' }, true)).toMatchObject({ body: '{"amount":7}' });
  });
});
