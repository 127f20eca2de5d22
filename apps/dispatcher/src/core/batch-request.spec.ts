import { describe, expect, it } from '@jest/globals';
import { aDocument, aDueDelivery, NOW_MS, type DocumentPart } from '@hookstream/testing';
import { buildBatch, toldBody } from './batch-request.js';

const build = (part: DocumentPart, ...deliveries: Parameters<typeof buildBatch>[0]) => {
  const document = aDocument({ batch: { maxEntries: 10, maxWaitMs: 0 }, ...part });
  const subscription = { kind: 'subscription', document, keys: () => [], open: () => Buffer.alloc(0) } as const;
  return buildBatch(deliveries, subscription, 'Hookstream/1', NOW_MS);
};
const delivery = (n: number, part: Parameters<typeof aDueDelivery>[0] = {}) =>
  aDueDelivery({ id: `dlv_${n}`, data: Buffer.from(`{"n":${n}}`), traceparent: `00-${n}`, ...part });
const event = aDueDelivery().event;

describe('a request with several deliveries', () => {
  it('has the id of the first, and nothing that is said of one event alone', () => {
    const headers = { 'X-First': '{{delivery.id}}', 'X-Sub': '{{subscription.id}}' };
    const built = build({ endpoint: { headers } }, delivery(1), delivery(2));
    if (!built.ok) throw new Error(built.detail);
    const { request } = built;
    expect(request.body.toString()).toMatch(/^\[\{"id":"dlv_1",.*"n":1\}\},\{"id":"dlv_2",.*"n":2\}\}\]$/);
    expect(request.headers).toMatchObject({
      ...{ 'webhook-id': 'dlv_1', 'x-first': 'dlv_1', 'x-sub': 'sub_1', 'content-type': 'application/json' },
      'hookstream-hops': '1',
    });
    for (const name of ['hookstream-event-id', 'traceparent', 'hookstream-replay']) {
      expect(request.headers).not.toHaveProperty(name);
    }
  });

  it('tells the most hops of its events, and of a replay among them', () => {
    const hopped = { ...event, extensions: { hookstreamhops: '4' } };
    const built = build(
      { format: 'cloudevents-structured' },
      delivery(1),
      delivery(2, { event: hopped }),
      delivery(3, { run: 'rpl_1' }),
    );
    expect(built).toMatchObject({
      request: {
        headers: {
          ...{ 'hookstream-hops': '5', 'hookstream-replay': 'rpl_1' },
          'content-type': 'application/cloudevents-batch+json; charset=utf-8',
        },
      },
    });
  });

  it('cannot be made of data that are no JSON, and says which', () => {
    const built = build({}, delivery(1), delivery(2, { data: Buffer.from('{') }));
    expect(built).toMatchObject({ ok: false, reason: 'invalid-json', member: 1 });
  });
});

describe('the body that the log keeps', () => {
  it('is whole up to 256 KiB, and cut between characters beyond', () => {
    const whole = Buffer.alloc(262_144, 'a');
    expect(toldBody(whole)).toEqual({ body: whole });
    const euros = Buffer.from(`a${'€'.repeat(100_000)}`);
    const told = toldBody(euros);
    expect(told.bodyTruncated).toBe(true);
    expect(told.body.toString()).toBe(`a${'€'.repeat(87_381)}`);
  });
});
