import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { type Propagation } from '../core/propagation.js';

export const PROPAGATION = Symbol('hookstream.propagation');
const READING = new Set(['GET', 'HEAD']);

/** A change is answered once Kafka has it; with Kafka away the answer says that it is yet to come. */
@Injectable()
export class PropagationInterceptor implements NestInterceptor {
  constructor(@Inject(PROPAGATION) private readonly propagation: Propagation) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    if (READING.has(http.getRequest<FastifyRequest>().method)) return next.handle();
    return next.handle().pipe(
      mergeMap(async (body) => {
        if (!(await this.propagation.inForce())) {
          void http.getResponse<FastifyReply>().header('Hookstream-Propagation', 'pending');
        }
        return body;
      }),
    );
  }
}
