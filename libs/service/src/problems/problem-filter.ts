import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { type AllowedMethods } from '../host/allowed-methods.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Problem } from './problem.js';
import { problemOf, type FailedRequest } from './problem-of.js';

const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Turns every exception under a controller into `application/problem+json`; a batch's exception goes on to its consumer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: ServiceLogger,
    private readonly allowedMethods: AllowedMethods,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() !== 'http') return throwError(() => exception);
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const failed = failedRequest(request, this.allowedMethods);
    const problem = problemOf(exception, failed);
    this.#tell(problem, exception, failed);
    sendProblem(http.getResponse<FastifyReply>(), problem);
    return undefined;
  }

  /** What a caller did wrong is in the request's own line; this is about us. */
  #tell(problem: Problem, exception: unknown, { method, path }: FailedRequest): void {
    const fields = { method, path, error: exception };
    if (problem.slug === 'unavailable') this.logger.warn('request refused: unavailable', fields);
    else if (problem.getStatus() >= 500) this.logger.error('request failed', fields);
  }
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

function failedRequest(request: FastifyRequest, allowed: AllowedMethods): FailedRequest {
  const { method, url, is404, routeOptions } = request;
  const path = url.split('?', 1)[0] ?? url;
  const bodyLimitBytes = routeOptions.bodyLimit ?? 0;
  return { method, path, bodyLimitBytes, ...(is404 && { allowedMethods: allowed.of(path) }) };
}
