import { describe, expect, it } from '@jest/globals';
import { requestText } from './request-text.js';
import { subscriptionOf } from './subscription-of.js';

describe('the demo of a profile', () => {
  it('shows a request as it came: line, headers in their order and case, body', () => {
    const rawHeaders = ['Host', 'a.example', 'webhook-id', 'dlv_1'];
    const request = { method: 'POST', url: '/a?b', httpVersion: '1.1', rawHeaders };
    expect(requestText(request, Buffer.from('{\n"a":1}'))).toBe(
      ['  POST /a?b HTTP/1.1', '  Host: a.example', '  webhook-id: dlv_1', '', '  {', '  "a":1}'].join('\n'),
    );
  });

  it('subscribes as the sample says, at its receiver, which is trusted by its own certificate', () => {
    const auth = { type: 'none', url: '{{receiver}}/token' };
    const events = [{ type: 'a.b' }, { type: 'a.b' }, { type: 'a.c' }];
    const profile = { name: 'p', description: '', settings: {}, sample: { settings: { endpoint: { auth } }, events } };
    expect(subscriptionOf(profile, 'https://127.0.0.1:1', 'PEM')).toEqual({
      name: 'demo: p',
      profile: 'p',
      eventTypes: ['a.b', 'a.c'],
      endpoint: {
        url: 'https://127.0.0.1:1/p',
        tls: { ca: 'PEM' },
        auth: { type: 'none', url: 'https://127.0.0.1:1/token' },
      },
    });
  });
});
