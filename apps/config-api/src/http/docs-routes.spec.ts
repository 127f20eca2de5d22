import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { addDocsRoutes } from './docs-routes.js';

const server = fastify();
beforeAll(async () => {
  addDocsRoutes(server);
  await server.ready();
});
afterAll(() => server.close());

const get = (url: string) => server.inject({ method: 'GET', url });
const TYPES = new Map([
  ['css', 'text/css'],
  ['js', 'text/javascript'],
  ['png', 'image/png'],
]);

describe('/docs', () => {
  it('refers only to files of its own origin, which are served by their types and kept for good', async () => {
    const page = await get('/docs');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const referred = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, url = '']) => url);
    expect(referred).toHaveLength(5);
    for (const url of referred.filter((each) => each !== 'openapi.json')) {
      const { pathname, origin } = new URL(url, 'http://here/docs');
      expect(origin).toBe('http://here');
      const { statusCode, headers, rawPayload } = await get(pathname);
      expect({ url, statusCode }).toEqual({ url, statusCode: 200 });
      expect(headers['content-type']).toContain(TYPES.get(url.split('.').at(-1) ?? ''));
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(rawPayload.length).toBeGreaterThan(100);
    }
  });

  it('lets no script run but those files', async () => {
    const { headers, body } = await get('/docs');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|javascript:/);
  });

  it('is found with a slash at its end too', async () => {
    const { statusCode, headers } = await get('/docs/');
    expect([statusCode, new URL(String(headers.location), 'http://here/docs/').pathname]).toEqual([308, '/docs']);
  });
});
