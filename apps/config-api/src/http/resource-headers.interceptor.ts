import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { entityTag } from './if-match.js';

/** `ETag` on every answer that is one versioned thing, `Location` where it was just made. */
@Injectable()
export class ResourceHeadersInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const path = http.getRequest<FastifyRequest>().url.split('?', 1)[0] ?? '';
    return next.handle().pipe(
      map((body) => {
        if (isVersioned(body)) {
          void reply.header('ETag', entityTag(body.version));
          if (reply.statusCode === 201) void reply.header('Location', `${path.replace(/\/$/, '')}/${body.id}`);
        }
        return body;
      }),
    );
  }
}

function isVersioned(body: unknown): body is { readonly id: string; readonly version: number } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'id' in body &&
    typeof body.id === 'string' &&
    'version' in body &&
    typeof body.version === 'number'
  );
}
