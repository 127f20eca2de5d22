import { describe, expect, it } from '@jest/globals';
import { aDocument } from '@hookstream/testing';
import { handshakeRequest } from './handshake-request.js';

describe('handshakeRequest', () => {
  it('asks by OPTIONS, and shows nothing of the subscription but its URL', () => {
    const { settings } = aDocument({
      endpoint: {
        ...{ url: 'https://a.example/in?x=1', headers: { 'X-Shop': 'secret' }, timeoutMs: 7_000, httpsOnly: true },
        auth: { type: 'bearer', sealed: 'token' },
      },
    });
    expect(handshakeRequest(settings.endpoint, 'hooks.example.com', 'Hookstream/1')).toEqual({
      url: 'https://a.example/in?x=1',
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'hooks.example.com', 'user-agent': 'Hookstream/1' },
      body: Buffer.alloc(0),
      timeoutMs: 7_000,
      httpsOnly: true,
    });
  });
});
