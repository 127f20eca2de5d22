import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { type AllowedMethods } from '../host/allowed-methods.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import { answerProblem } from './answer-problem.js';

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
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    answerProblem(exception, request, reply, this.logger, this.allowedMethods);
    return undefined;
  }
}
