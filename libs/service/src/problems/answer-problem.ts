import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type AllowedMethods } from '../host/allowed-methods.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Problem } from './problem.js';
import { problemOf, type FailedRequest } from './problem-of.js';

const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/**
 * Answers any exception of a request as `application/problem+json`. For the error handler of Fastify's own routes, which
 * Nest's filter does not see: `scope.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, logger))`.
 */
export function answerProblem(
  exception: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: ServiceLogger,
  allowedMethods?: AllowedMethods,
): void {
  const failed = failedRequest(request, allowedMethods);
  const problem = problemOf(exception, failed);
  tell(logger, problem, exception, failed);
  sendProblem(reply, problem);
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (reply.sent) return;
  if (problem.slug === 'unauthorized') reply.header('WWW-Authenticate', 'Bearer');
  void reply
    .code(problem.getStatus())
    .headers(problem.headers)
    .header('Content-Type', PROBLEM_JSON)
    .send(JSON.stringify(problem.toBody()));
}

/** What a caller did wrong is in the request's own line; this is about us. */
function tell(logger: ServiceLogger, problem: Problem, exception: unknown, { method, path }: FailedRequest): void {
  const fields = { method, path, error: exception };
  if (problem.slug === 'unavailable') logger.warn('request refused: unavailable', fields);
  else if (problem.getStatus() >= 500) logger.error('request failed', fields);
}

function failedRequest(request: FastifyRequest, allowed: AllowedMethods | undefined): FailedRequest {
  const { method, url, is404, routeOptions } = request;
  const path = url.split('?', 1)[0] ?? url;
  const bodyLimitBytes = routeOptions.bodyLimit ?? 0;
  return { method, path, bodyLimitBytes, ...(is404 && allowed && { allowedMethods: allowed.of(path) }) };
}
