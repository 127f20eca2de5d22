import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type FastifyInstance, type FastifyReply } from 'fastify';

interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

const SCRIPT = 'text/javascript; charset=utf-8';

/** The page's own script; inline it would need a hole in the policy. */
const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#page',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: 'list',
  validatorUrl: null,
});
`;

// The interface sets the widths and heights of its parts as style attributes; scripts are from files of ours only.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const YEAR_S = 31_536_000;

/**
 * `/docs`: the OpenAPI document for people, for anyone who can reach the origin, from files of this installation alone.
 * The names of the files change with what is in them, so that browsers keep them for good.
 */
export function addDocsRoutes(server: FastifyInstance): void {
  const assets = readAssets();
  const version = versionOf(assets);
  const page = pageOf(version);
  server.get('/docs', (_request, reply) =>
    guarded(reply)
      .type('text/html; charset=utf-8')
      .headers({ 'Cache-Control': 'no-cache', 'Content-Security-Policy': POLICY })
      .send(page),
  );
  // The page's addresses are relative to a path without it.
  server.get('/docs/', (_request, reply) => reply.redirect('../docs', 308));
  for (const [name, { type, content }] of assets) {
    server.get(`/docs/assets/${version}/${name}`, (_request, reply) =>
      guarded(reply).type(type).header('Cache-Control', `public, max-age=${YEAR_S}, immutable`).send(content),
    );
  }
}

/** @throws Error where the installation lacks one */
function readAssets(): ReadonlyMap<string, Asset> {
  const require = createRequire(import.meta.url);
  const dist = (name: string) => readFileSync(require.resolve(`swagger-ui-dist/${name}`));
  return new Map([
    ['swagger-ui.css', { type: 'text/css; charset=utf-8', content: dist('swagger-ui.css') }],
    ['swagger-ui-bundle.js', { type: SCRIPT, content: dist('swagger-ui-bundle.js') }],
    ['favicon-32x32.png', { type: 'image/png', content: dist('favicon-32x32.png') }],
    ['start.js', { type: SCRIPT, content: Buffer.from(START) }],
  ]);
}

function versionOf(assets: ReadonlyMap<string, Asset>): string {
  const hash = createHash('sha256');
  for (const { content } of assets.values()) hash.update(content);
  return hash.digest('hex').slice(0, 16);
}

/** Addresses are relative, so that a proxy may put the whole API under a path of its own. */
function pageOf(version: string): string {
  const at = `docs/assets/${version}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hookstream API</title>
<link rel="icon" type="image/png" href="${at}/favicon-32x32.png">
<link rel="stylesheet" href="${at}/swagger-ui.css">
<script src="${at}/swagger-ui-bundle.js" defer></script>
<script src="${at}/start.js" defer></script>
</head>
<body>
<main id="page"></main>
<noscript><p>This page needs JavaScript. The document itself: <a href="openapi.json">openapi.json</a>.</p></noscript>
</body>
</html>
`;
}

function guarded(reply: FastifyReply): FastifyReply {
  return reply.headers({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' });
}
