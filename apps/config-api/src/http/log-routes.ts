import replyFrom from '@fastify/reply-from';
import { Problem, sendProblem, type ServiceLogger } from '@hookstream/service';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerProblems, passBodiesOn } from './raw-body.js';

export interface LogRouteParts {
  /** Where audit-log listens. */
  readonly auditLogUrl: string;
  /** How long it may take to begin its answer. */
  readonly timeoutMs: number;
  readonly logger: ServiceLogger;
}

/** Between two parts of an answer; a live tail writes a comment more often than that. */
const BODY_TIMEOUT_MS = 120_000;
const MAX_CONNECTIONS = 64;

const READ = ['/v1/events', '/v1/events/*', '/v1/stats', '/v1/stats/*'];
const READ_AND_WRITE = [
  '/v1/deliveries',
  '/v1/deliveries/*',
  '/v1/dead-letters',
  '/v1/dead-letters/*',
  '/v1/replays',
  '/v1/replays/*',
];

/**
 * The paths of the log, forwarded to audit-log as streams and with the caller's own `Authorization`: audit-log checks the
 * key itself, so neither service trusts the other.
 */
export function addLogRoutes(server: FastifyInstance, { auditLogUrl, timeoutMs, logger }: LogRouteParts): void {
  void server.register(async (scope) => {
    answerProblems(scope, logger);
    passBodiesOn(scope);
    await scope.register(replyFrom, {
      base: auditLogUrl,
      undici: {
        connections: MAX_CONNECTIONS,
        headersTimeout: timeoutMs,
        bodyTimeout: BODY_TIMEOUT_MS,
        connect: { timeout: 3_000 },
      },
      // A refused connection is repeated by the caller, who knows whether that is harmless.
      retryMethods: [],
      disableRequestLogging: true,
    });
    const forward = (request: FastifyRequest, reply: FastifyReply) => {
      if (leavesItsPath(request.url)) throw new Problem('not-found');
      return reply.from(request.url, {
        onError: (_failed, { error }) => {
          logger.warn('audit-log did not answer', { path: request.url.split('?', 1)[0], error: error.message });
          sendProblem(reply, unavailable());
        },
      });
    };
    for (const url of READ) scope.route({ method: 'GET', url, handler: forward });
    for (const url of READ_AND_WRITE)
      scope.route({ method: ['GET', 'POST', 'PATCH', 'DELETE'], url, handler: forward });
  });
}

function unavailable(): Problem {
  const detail = 'The log is not available at the moment; deliveries go on.';
  return new Problem('unavailable', { detail, headers: { 'Retry-After': '2' } });
}

/** A dot segment, however it is spelled, would lead to paths of audit-log that are not the callers' (RFC 3986 §5.2.4). */
function leavesItsPath(url: string): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return !URL.canParse(url, 'http://audit-log') || new URL(url, 'http://audit-log').pathname !== path;
}
