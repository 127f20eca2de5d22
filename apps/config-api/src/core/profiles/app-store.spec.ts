import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { describe, expect, it } from '@jest/globals';
import { classifyResult, planNextAttempt } from '@hookstream/domain';
import { templateInput, writeValue } from '@hookstream/rendering';
import { refusalOf } from '../api-keys/permissions.js';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { newSubscription } from '../subscriptions/subscription-state.js';
import { unfitScheme } from '../subscriptions/signing-fields.js';
import { withProfile } from './profiles.js';

const NOW_MS = Date.parse('2016-06-21T16:26:50.123Z');
const md5 = (payload: Buffer) => createHash('md5').update(payload).digest('hex');
const request = (more: object = {}) =>
  subscriptionRequest.parse(withProfile({ profile: 'app-store', endpoint: { url: 'https://a.example' }, ...more }));
const subscription = newSubscription(request(), {
  ...{ id: 'sub_1', organization: 'org_default', sealedSecrets: [], sealedEndpoint: {}, startInactive: false },
  now: new Date(NOW_MS),
});

async function sent(format: 'json' | 'xml' | 'form', type: string, data: object = {}): Promise<string> {
  const time = new Date(NOW_MS).toISOString();
  const facts = { id: 'dlv_1', run: '0', attempt: 1, attemptInRun: 1, firstSeenAt: time, firstSentAt: time };
  const event = { id: 'e-1', source: '/shop', type, time, data: Buffer.from(JSON.stringify(data)) };
  const input = templateInput(event, { ...facts, sentAt: time, previous: null });
  if (!input.ok) throw new Error(input.detail);
  const value: unknown = await jsonata(request({ payload: { format } }).payload.template ?? '').evaluate(
    JSON.parse(input.text),
  );
  return writeValue(format, Buffer.from(JSON.stringify(value)), md5).body.toString();
}

describe('the profile app-store', () => {
  it('is sent by POST or PUT, as JSON, a form or XML, each with its MD5', () => {
    for (const method of ['POST', 'PUT'])
      expect(request({ endpoint: { url: 'http://a.example', method } })).toBeDefined();
    for (const format of ['json', 'form', 'xml']) expect(unfitScheme(request({ payload: { format } }))).toBeUndefined();
    expect(request()).toMatchObject({ payload: { format: 'json' }, signing: { scheme: 'md5' } });
  });

  it('tests with a ping of type and time, and its digest', async () => {
    const ping = '{"type":"ping","epoch_timestamp":1466526410}';
    const elements = '<type>ping</type><epoch_timestamp>1466526410</epoch_timestamp>';
    expect(await sent('json', 'hookstream.ping')).toBe(`{"payload":${ping},"md5":"${md5(Buffer.from(ping))}"}`);
    expect(await sent('xml', 'hookstream.ping')).toContain(
      `<notification><payload>${elements}</payload><md5>${md5(Buffer.from(elements))}</md5></notification>`,
    );
    expect([...new URLSearchParams(await sent('form', 'hookstream.ping'))]).toEqual([
      ['payload', ping],
      ['md5', md5(Buffer.from(ping))],
    ]);
  });

  it('has the data of an event alone as payload', async () => {
    const data = { type: 'purchase', app: 'notes', sku: 'pro-monthly' };
    expect(JSON.parse(await sent('json', 'purchase.made', data))).toMatchObject({ payload: data });
  });

  it('succeeds by 200 alone, and ends nothing by itself', () => {
    const { endpoint, retry, onFailure, test } = subscription.settings;
    const kinds = [200, 201, 204, 302, 404, 410, 500].map(
      (status) => classifyResult({ kind: 'status', status }, endpoint, retry).kind,
    );
    expect(kinds.map((kind) => kind === 'success')).toEqual([true, false, false, false, false, false, false]);
    expect(onFailure).toMatchObject({ deactivateOnGone: false });
    expect(test).toMatchObject({ failureDeactivates: true, whileInactive: false });
  });

  it('is retried 20 times, each later than the one before, within two weeks', () => {
    const { retry } = subscription.settings;
    let nowMs = NOW_MS;
    const waits: number[] = [];
    for (let attemptsMade = 1; ; attemptsMade += 1) {
      const plan = planNextAttempt(retry, { attemptsMade, startedAtMs: NOW_MS, retryAfterMs: 0 }, nowMs, 0.5);
      if (plan.kind === 'exhausted') {
        expect(plan.reason).toBe('attempts');
        break;
      }
      waits.push(plan.dueAtMs - nowMs);
      nowMs = plan.dueAtMs;
    }
    expect(waits).toHaveLength(20);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(nowMs - NOW_MS).toBeLessThan(14 * 86_400_000);
  });

  it('takes filters by app and SKU', () => {
    const filters = [{ cel: 'data.app == "notes" && data.sku in ["pro-monthly", "pro-yearly"]' }];
    expect(request({ filters }).filters).toEqual(filters);
  });

  it('is created, edited and deleted by keys of their own', () => {
    const editor = { role: 'editor', grants: ['edit'] } as const;
    expect(refusalOf(editor, 'edit')).toBeUndefined();
    for (const need of ['create', 'delete'] as const) expect(refusalOf(editor, need)).toContain(need);
  });
});
