import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeIngress, DEFAULT_MAPPING, HOPS_HEADER } from '@hookstream/contracts';
import { NOW_MS, aDueDelivery, aDocument, type DocumentPart } from '@hookstream/testing';
import { buildRequest } from './webhook-request.js';

const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const build = (part: DocumentPart = {}, delivery = aDueDelivery()) =>
  buildRequest(
    delivery,
    { kind: 'subscription', document: aDocument(part), keys: () => KEYS, open: () => Buffer.alloc(0) },
    'Hookstream/1',
    NOW_MS,
  );
const headersOf = (part: DocumentPart = {}, delivery = aDueDelivery()) => {
  const built = build(part, delivery);
  return built.ok ? built.request.headers : {};
};

describe('buildRequest', () => {
  it('signs the bytes it sends, by every key in force', () => {
    const built = build({ scheme: 'standard-webhooks' });
    if (!built.ok) throw new Error(built.detail);
    const { headers, body } = built.request;
    const signed = `${aDueDelivery().id}.${NOW_MS / 1_000}.${body.toString()}`;
    const signatures = KEYS.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(headers['webhook-signature']).toBe(signatures.join(' '));
    expect(JSON.parse(body.toString())).toMatchObject({ type: 'invoice.submitted', data: { amount: 7 } });
  });

  it.each([
    ['with its secret', [Buffer.from('pepper')], 'pepper'],
    ['without one', [], ''],
  ])('puts an MD5 into the envelope %s', (_, keys, pepper) => {
    const document = aDocument({ scheme: 'md5' });
    const built = buildRequest(
      aDueDelivery(),
      { kind: 'subscription', document, keys: () => keys, open: () => Buffer.alloc(0) },
      'Hookstream/1',
      NOW_MS,
    );
    if (!built.ok) throw new Error(built.detail);
    const { body, headers } = built.request;
    const md5 = createHash('md5').update(body.subarray(11, -42)).update(pepper).digest('hex');
    expect(body.toString()).toContain(`,"md5":"${md5}"}`);
    expect(headers).toMatchObject({ 'hookstream-payload-md5': md5, 'webhook-id': aDueDelivery().id });
  });

  it('names the delivery, the event and itself', () => {
    expect(headersOf()).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Hookstream/1',
      'webhook-id': aDueDelivery().id,
      'webhook-timestamp': String(NOW_MS / 1_000),
      'hookstream-event-id': aDueDelivery().event.id,
      'hookstream-hops': '1',
    });
  });

  it('sends the subscription’s own headers, but not in place of its own', () => {
    const headers = headersOf({ endpoint: { headers: { 'X-Tenant': '7', 'Webhook-Id': 'forged' } } });
    expect(headers['x-tenant']).toBe('7');
    expect(headers['webhook-id']).toBe(aDueDelivery().id);
  });

  it('says that it is a replay, and of which run', () => {
    expect(headersOf({}, aDueDelivery({ run: 'run_7' }))).toMatchObject({
      'hookstream-replay': 'run_7',
      'webhook-id': aDueDelivery().id,
    });
    expect(headersOf()).not.toHaveProperty('hookstream-replay');
  });

  it('says of the delivery what the subscription’s headers have a place for', () => {
    const headers = headersOf({
      endpoint: { headers: { 'X-GitHub-Event': '{{event.group}}', 'X-Of': '{{subscription.id}}' } },
    });
    expect(headers).toMatchObject({ 'x-github-event': 'invoice', 'x-of': aDueDelivery().subscription });
  });

  it('passes the trace on', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(headersOf({}, aDueDelivery({ traceparent })).traceparent).toBe(traceparent);
    expect(headersOf()).not.toHaveProperty('traceparent');
  });

  it.each([
    ['raw', 'application/json', {}],
    ['xml', 'application/xml; charset=utf-8', {}],
    ['form', 'application/x-www-form-urlencoded', {}],
    ['cloudevents-structured', 'application/cloudevents+json; charset=utf-8', {}],
    ['cloudevents-binary', 'application/json', { 'ce-type': 'invoice.submitted', 'ce-specversion': '1.0' }],
  ] as const)('sends %s as %s', (format, contentType, more) => {
    expect(headersOf({ format })).toMatchObject({ 'content-type': contentType, ...more });
  });

  it('gives a CloudEvent the id of its producer', () => {
    const delivery = aDueDelivery();
    const event = { ...delivery.event, externalId: 'inv-7' };
    expect(headersOf({ format: 'cloudevents-binary' }, { ...delivery, event })['ce-id']).toBe('inv-7');
  });

  it.each(['cloudevents-binary', 'cloudevents-structured'] as const)(
    'counts its deliveries in a CloudEvent itself, so that one that comes round as %s is known without the header',
    (format) => {
      const delivery = aDueDelivery();
      const sent = (hops?: string) => {
        const extensions = { level: '5', ...(hops !== undefined && { hookstreamhops: hops }) };
        const built = build({ format }, { ...delivery, event: { ...delivery.event, extensions } });
        if (!built.ok) throw new Error(built.detail);
        const { [HOPS_HEADER]: _, ...headers } = built.request.headers;
        // As a receiver writes to Kafka what came by HTTP.
        const named = Object.entries(headers).map(([name, value]) => {
          return [name.replace(/^ce-/, 'ce_'), Buffer.from(value)] as const;
        });
        const record = { topic: 't', partition: 0, offset: 0, timestamp: 0, key: null, value: built.request.body };
        return { ...record, headers: Object.fromEntries(named) };
      };
      const options = { maxEventBytes: 1_000, resolveOrganization: () => undefined };
      const received = (hops?: string) => decodeIngress(sent(hops), DEFAULT_MAPPING, options).attributes.extensions;
      expect(received()).toEqual({ level: '5', hookstreamhops: '1' });
      expect(received('7')).toEqual({ level: '5', hookstreamhops: '8' });
      expect(() => received('8')).toThrow('an endpoint sends back');
    },
  );

  it('refuses data that is not the JSON it says it is', () => {
    expect(build({}, aDueDelivery({ data: Buffer.from('{"amount":') }))).toMatchObject({
      ok: false,
      reason: 'invalid-json',
    });
  });
});
