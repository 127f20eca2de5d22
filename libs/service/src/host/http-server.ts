import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Metrics } from '../metrics/metrics.js';
import { problemOf } from '../problems/problem-of.js';
import { Problem } from '../problems/problem.js';
import { sendProblem } from '../problems/answer-problem.js';
import { type ReadinessRegistry } from '../readiness/readiness-registry.js';
import { AllowedMethods } from './allowed-methods.js';
import { takeStrictJson } from './request-bodies.js';
import { answerUnreadable } from './unreadable-request.js';

export interface HttpOptions {
  /** Largest body of a route without `@BodyLimit`. Default 256 KiB. */
  readonly bodyLimitBytes?: number;
  /** Further content-type parsers or hooks, before routes are made. */
  readonly configure?: (server: FastifyInstance) => void;
}

export interface HttpParts {
  readonly readiness: ReadinessRegistry;
  readonly metrics: Metrics;
  readonly logger: ServiceLogger;
}

const DEFAULT_BODY_LIMIT_BYTES = 262_144;
/** A whole request, head and body, must have arrived within this. */
const REQUEST_TIMEOUT_MS = 60_000;
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

/** The HTTP server of a service, with its probes and the line and figure of each request. */
export function createHttpServer(options: HttpOptions, parts: HttpParts) {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    clientErrorHandler: answerUnreadable,
    // What fails before a route is found, such as a malformed URL.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, problemOf(error, { method: request.method, path: request.url, bodyLimitBytes: 0 }));
    },
  });
  const server: FastifyInstance = adapter.getInstance();
  const allowedMethods = new AllowedMethods();
  server.addHook('onRoute', (route) => {
    allowedMethods.add(route.method, route.url);
    const limit = bodyLimitOf(route.config);
    if (limit !== undefined) route.bodyLimit = limit;
  });
  server.addHook('onRequest', refuseNul);
  takeStrictJson(server);
  addProbes(server, parts);
  addRequestLine(server, parts);
  options.configure?.(server);
  return { adapter, allowedMethods };
}

/** No database keeps it, so that nothing has such an id. */
function refuseNul({ url, method }: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  const [path = url] = url.split('?', 1);
  if (path.includes('%00')) done(new Problem('not-found', { detail: `There is no ${method} ${path}` }));
  else done();
}

/** What `@BodyLimit` left at the route. */
function bodyLimitOf(config: object | undefined): number | undefined {
  const limit: unknown = config && 'bodyLimitBytes' in config ? config.bodyLimitBytes : undefined;
  return typeof limit === 'number' ? limit : undefined;
}

function addProbes(server: FastifyInstance, { readiness, metrics }: HttpParts): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const report = await readiness.report();
    return reply.code(report.ready ? 200 : 503).send(report);
  });
  server.get('/metrics', async (_request, reply) => {
    const text = await metrics.registry.metrics();
    return reply.header('Content-Type', metrics.registry.contentType).send(text);
  });
}

function addRequestLine(server: FastifyInstance, { metrics, logger }: HttpParts): void {
  const seconds = metrics.histogram('http_request_seconds', 'Time of one request of our API', {
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    if (!PROBES.has(route)) {
      const { method } = request;
      const status = reply.statusCode;
      seconds.observe({ method, route, status }, reply.elapsedTime / 1_000);
      const line = {
        method,
        path: pathOf(request),
        route,
        status,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      };
      if (status >= 400) logger.info('request', line);
      else logger.debug('request', line);
    }
    done();
  });
}

/** Without the query, which may hold what is nobody's business. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}
