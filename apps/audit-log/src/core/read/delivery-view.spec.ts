import { describe, expect, it } from '@jest/globals';
import { viewDeliveryWithAttempts, withoutPastPlan } from './delivery-view.js';
import type { LoggedAttempt, LoggedDelivery, LoggedEvent } from './log-reader.js';

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
  runStartedAt: null,
  earlierRuns: [],
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

describe('the runs of a delivery', () => {
  it('are told the oldest first, and the newest is what the delivery came to', () => {
    const at = (ms: number) => new Date(NOW_MS + ms);
    const replayed: LoggedDelivery = {
      ...planned(null),
      ...{ run: 'rpl_2', runStartedAt: at(5), state: 'delivered', completedAt: at(6) },
      earlierRuns: [{ run: '0', state: 'exhausted', reason: 'attempts', startedAt: null, completedAt: at(1) }],
    };
    expect(viewDeliveryWithAttempts(replayed, [], undefined).runs).toEqual([
      {
        ...{ id: '0', state: 'exhausted', reason: 'attempts' },
        ...{ startedAt: new Date(0).toISOString(), completedAt: at(1).toISOString() },
      },
      {
        ...{ id: 'rpl_2', state: 'delivered', reason: null },
        ...{ startedAt: at(5).toISOString(), completedAt: at(6).toISOString() },
      },
    ]);
  });
});

describe('the request of an attempt', () => {
  const attempt = (format: LoggedAttempt['request']['format']): LoggedAttempt => ({
    ...{ id: 'att_1', run: '0', number: 1, durationMs: 1, outcome: 'success', response: null, error: null },
    startedAt: new Date(NOW_MS),
    request: { url: 'https://receiver.example/', method: 'POST', headers: {}, format },
  });
  const event: LoggedEvent = {
    ...{ id: 'evt_1', organization: 'org_default', type: 'a.b', source: '/s', subject: null, externalId: 'x' },
    ...{ time: '2026-01-01T12:00:00Z', contentType: null, dataSchema: null, extensions: { level: '5' } },
    origin: { topic: 't', partition: 0, offset: 0 },
    receivedAt: new Date(NOW_MS),
  };

  it('shows the body in the format that was sent, and not the name of the format', () => {
    const attempts = [attempt('json'), attempt('raw'), attempt('cloudevents-structured')];
    const view = viewDeliveryWithAttempts(planned(null), attempts, { event, payload: Buffer.from('{"n":1}') });
    expect(view.attempts.map(({ request }) => request)).toMatchObject([
      { body: '{"type":"a.b","timestamp":"2026-01-01T12:00:00Z","data":{"n":1}}' },
      { body: '{"n":1}' },
      {
        body: '{"specversion":"1.0","id":"x","source":"/s","type":"a.b","time":"2026-01-01T12:00:00Z","hookstreamhops":"1","level":"5","data":{"n":1}}',
      },
    ]);
    expect(view.attempts[0]?.request).not.toHaveProperty('format');
  });

  it('shows the envelope with the MD5 that was sent, which only the holder of the secret could make', () => {
    const sent = attempt('form');
    const headers = { 'hookstream-payload-md5': 'd41d8cd98f00b204e9800998ecf8427e' };
    const attempts = [{ ...sent, request: { ...sent.request, headers } }, sent];
    const view = viewDeliveryWithAttempts(planned(null), attempts, { event, payload: Buffer.from('1') });
    const payload = '{"type":"a.b","timestamp":"2026-01-01T12:00:00Z","data":1}';
    const fields = new URLSearchParams({ payload, md5: headers['hookstream-payload-md5'] });
    expect(view.attempts[0]?.request).toMatchObject({ body: fields.toString() });
    expect(view.attempts[1]?.request).toMatchObject({ body: expect.stringMatching(/^type=a.b/) });
  });

  it('has no body where the log has not the event', () => {
    const view = viewDeliveryWithAttempts(planned(null), [attempt('xml')], undefined);
    expect(view.attempts[0]?.request).toMatchObject({ body: null });
  });
});
