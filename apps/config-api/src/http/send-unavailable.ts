import { Problem } from '@hookstream/service';
import { type FastifyReply } from 'fastify';

/** Answers 503 where an error handler is out of reach. */
export function sendUnavailable(reply: FastifyReply, detail: string, retryAfterS: number): void {
  const problem = new Problem('unavailable', { detail });
  void reply
    .code(problem.getStatus())
    .header('Retry-After', String(retryAfterS))
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.toBody()));
}
