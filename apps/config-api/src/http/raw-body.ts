import { answerProblem, type ServiceLogger } from '@hookstream/service';
import { type FastifyInstance } from 'fastify';

/** Errors of this scope's routes are problems, as those of controllers are. */
export function answerProblems(scope: FastifyInstance, logger: ServiceLogger): void {
  scope.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, logger));
}

/** Within this scope a body is the bytes that were sent, whatever its content type. */
export function takeRawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** Within this scope a body is left in its stream. */
export function passBodiesOn(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}
