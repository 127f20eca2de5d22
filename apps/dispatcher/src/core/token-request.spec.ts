import { describe, expect, it } from '@jest/globals';
import type { ClientCredentials } from '@hookstream/domain';
import { readTokenAnswer, tokenRequest } from './token-request.js';

const settings: ClientCredentials = {
  type: 'oauth2-client-credentials',
  tokenUrl: 'https://tokens.example/token',
  clientId: 'a:b c',
  clientAuthentication: 'client_secret_basic',
  scope: 'hooks.write',
  audience: 'https://api.example',
  sealed: 'sealed',
};
const answer = (status: number, body: unknown) =>
  readTokenAnswer({
    kind: 'response',
    status,
    headers: {},
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    bodyTruncated: false,
    durationMs: 1,
  });

describe('a request for a token', () => {
  it('shows the client by Basic, encoded as RFC 6749 asks', () => {
    const { url, headers, body } = tokenRequest(settings, 'ü%');
    expect(url).toBe('https://tokens.example/token');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('a%3Ab+c:%C3%BC%25').toString('base64')}`);
    expect(body).toBe('grant_type=client_credentials&scope=hooks.write&audience=https%3A%2F%2Fapi.example');
  });

  it('shows the client in the form where that is asked for', () => {
    const { headers, body } = tokenRequest({ ...settings, clientAuthentication: 'client_secret_post' }, 'x&y');
    expect(headers).not.toHaveProperty('authorization');
    expect(new URLSearchParams(body).get('client_secret')).toBe('x&y');
  });
});

describe('the answer of a token server', () => {
  it('is a token and how long it is good for', () => {
    const token = { access_token: 'abc', token_type: 'bearer' };
    expect(answer(200, { ...token, expires_in: 3600 })).toEqual({
      ok: true,
      token: { value: 'abc', lifetimeMs: 3_600_000 },
    });
    expect(answer(200, { ...token, expires_in: '60' })).toMatchObject({ token: { lifetimeMs: 60_000 } });
    expect(answer(200, token)).toMatchObject({ token: { lifetimeMs: 300_000 } });
  });

  it.each([
    [401, { error: 'invalid_client', error_description: 'secret hunter22 is wrong' }, 'answered 401, invalid_client'],
    [302, '', 'answered 302'],
    [200, '<html>', 'no usable JSON'],
    [200, { access_token: 'a\r\nb', token_type: 'Bearer' }, 'no usable access_token'],
    [200, { access_token: 'x'.repeat(8_193), token_type: 'Bearer' }, 'no usable access_token'],
    [200, { access_token: 'abc', token_type: 'mac' }, 'another type than Bearer'],
  ])('%i %j is told as “%s”', (status, body, message) => {
    const read = answer(status, body);
    expect(read).toEqual({ ok: false, message: expect.stringContaining(message) });
    expect(JSON.stringify(read)).not.toContain('hunter22');
  });

  it('that never came says why', () => {
    expect(readTokenAnswer({ kind: 'failure', class: 'dns', message: 'no such name', durationMs: 1 })).toEqual({
      ok: false,
      message: 'the token server: no such name',
    });
  });
});
