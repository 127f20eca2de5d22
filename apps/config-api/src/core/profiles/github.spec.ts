import { describe, expect, it } from '@jest/globals';
import { fillHeaderPlaces, renderPayload } from '@hookstream/rendering';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { withProfile } from './profiles.js';

const request = (more: object = {}) =>
  subscriptionRequest.parse(withProfile({ profile: 'github', endpoint: { url: 'https://a.example' }, ...more }));

const COMMENT = {
  action: 'created',
  issue: { title: 'Test issue', user: { login: 'thewheat' }, state: 'open' },
  comment: {
    user: { login: 'thewheat' },
    created_at: '2018-09-24T02:21:50Z',
    updated_at: '2018-09-24T02:21:50Z',
    author_association: 'MEMBER',
    body: 'Hello world!',
  },
  repository: { name: 'test-git' },
  organization: { login: 'CornerGeeks' },
  sender: { login: 'thewheat' },
};

function sent(format: 'raw' | 'form-payload'): string {
  const rendered = renderPayload(format, {
    ...{ id: 'e-1', source: '/git', type: 'issue_comment.created', time: '2018-09-24T02:21:50Z' },
    ...{ contentType: 'application/json', data: Buffer.from(JSON.stringify(COMMENT)) },
  });
  if (!rendered.ok) throw new Error(rendered.detail);
  return rendered.body.toString();
}

describe('the profile github', () => {
  it('sends the payload of a comment on an issue as it is, as JSON or as the field "payload" of a form', () => {
    expect(request().payload.format).toBe('raw');
    expect(JSON.parse(sent('raw'))).toEqual(COMMENT);
    expect(request({ payload: { format: 'form-payload' } }).payload.format).toBe('form-payload');
    expect(JSON.parse(new URLSearchParams(sent('form-payload')).get('payload') ?? '')).toEqual(COMMENT);
  });

  it('names the event, the delivery and the hook in headers', () => {
    const event = { id: 'e-1', source: '/git', type: 'issue_comment.created', time: '2018-09-24T02:21:50Z' };
    const facts = { event: { ...event, data: Buffer.alloc(0), contentType: undefined }, delivery: 'dlv_1' };
    const headers = Object.entries(request().endpoint.headers).map(([name, value]) => [
      name,
      fillHeaderPlaces(value, { ...facts, subscription: 'sub_1' }),
    ]);
    expect(Object.fromEntries(headers)).toEqual({
      'X-GitHub-Event': 'issue_comment',
      'X-GitHub-Delivery': 'dlv_1',
      'X-GitHub-Hook-ID': 'sub_1',
    });
  });

  it('pings at its activation, retries nothing by itself, and is signed by both hub signatures', () => {
    expect(request()).toMatchObject({
      signing: { scheme: 'github' },
      retry: { schedule: [] },
      test: { onActivation: true, body: { zen: expect.any(String) as unknown } },
    });
  });
});
