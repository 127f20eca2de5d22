import { describe, expect, it } from '@jest/globals';
import { parseTarget } from './request-target.js';

describe('the target of a request', () => {
  it('is origin and path with query, without the fragment', () => {
    const target = parseTarget({ url: 'HTTPS://Endpoint.test:443/a b?c=ü#d', headers: { 'X-One': '1' } });
    expect(target).toEqual({ origin: 'https://endpoint.test', path: '/a%20b?c=%C3%BC' });
  });

  it('is the same whenever the same URL comes again, and so is a refusal', () => {
    const targets = ['https://endpoint.test/a', 'not a url', 'https://user:secret@endpoint.test/'].map((url) =>
      [1, 2].map(() => parseTarget({ url, headers: {} })),
    );
    for (const [first, second] of targets) expect(second).toEqual(first);
    const ftp = new URL('ftp://endpoint.test/');
    expect(parseTarget({ url: ftp, headers: {} })).toMatchObject({ failureClass: 'invalid-url' });
    const headers = { host: 'other.test' };
    expect(parseTarget({ url: 'https://endpoint.test/a', headers })).toMatchObject({ failureClass: 'invalid-request' });
    const http = { url: 'http://endpoint.test/a', headers: {} };
    expect(parseTarget(http)).toEqual({ origin: 'http://endpoint.test', path: '/a' });
    expect(parseTarget({ ...http, httpsOnly: true })).toMatchObject({ failureClass: 'invalid-url' });
  });

  it.each([
    ['not a url', 'invalid-url', /not valid/],
    ['/only/a/path', 'invalid-url', /not valid/],
    ['http://', 'invalid-url', /not valid/],
    ['http://256.1.1.1/', 'invalid-url', /not valid/],
    ['ftp://endpoint.test/', 'invalid-url', /https:\/\//],
    ['file:///etc/passwd', 'invalid-url', /https:\/\//],
    ['https://user:secret@endpoint.test/', 'invalid-url', /auth setting/],
  ])('%s is none', (url, failureClass, message) => {
    expect(parseTarget({ url, headers: {} })).toMatchObject({ failureClass, message: expect.stringMatching(message) });
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'Expect'])(
    'cannot be changed by the header %s',
    (name) => {
      expect(parseTarget({ url: 'https://endpoint.test', headers: { [name]: 'sec:ret' } })).toMatchObject({
        failureClass: 'invalid-request',
        message: `the header "${name}" is set by Hookstream and cannot be given`,
      });
    },
  );
});
