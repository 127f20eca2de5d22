import { type ServiceLogger } from '@hookstream/service';
import { type FastifyInstance } from 'fastify';
import { type Authenticator } from '../core/api-keys/authenticator.js';
import { type EventIntake } from '../core/events/event-intake.js';
import { authenticated } from './api-key.guard.js';
import { valueOf } from './problem-of-rejection.js';
import { answerProblems, takeRawBodies } from './raw-body.js';
import { submittedEvents } from './submitted-events.js';

/** A batch may hold so many of the largest events. */
const BATCH_FACTOR = 8;

export interface EventRouteParts {
  readonly authenticator: Authenticator;
  readonly intake: EventIntake;
  readonly maxEventBytes: number;
  readonly logger: ServiceLogger;
}

/**
 * `POST /v1/events`. A route of Fastify's own and not a controller, because it needs the bytes that were sent: an event's
 * data is never parsed and written again.
 */
export function addEventRoutes(server: FastifyInstance, parts: EventRouteParts): void {
  const bodyLimit = BATCH_FACTOR * parts.maxEventBytes;
  void server.register((scope, _options, done) => {
    answerProblems(scope, parts.logger);
    takeRawBodies(scope);
    scope.post('/v1/events', { bodyLimit }, async (request, reply) => {
      const caller = await authenticated(parts.authenticator, request, reply, 'send');
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const submission = submittedEvents(request.headers, body, parts.maxEventBytes);
      const events = submission.kind === 'one' ? [submission.event] : submission.events;
      const ids = valueOf(await parts.intake.take(caller, events));
      return reply.code(202).send(submission.kind === 'one' ? { id: ids[0] } : { ids });
    });
    done();
  });
}
