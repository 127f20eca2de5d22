import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';
import { parseStrictJson } from '../problems/strict-json.js';

const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/** Bodies of routes that say nothing else: strict JSON as it is, neither compressed nor of another type. */
export function takeStrictJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseStrictJson(Buffer.from(body)));
    } catch (error) {
      done(error instanceof Error ? error : new Error('a body cannot be read', { cause: error }));
    }
  });
  server.addHook('onRequest', (request, _reply, done) => {
    if (hasNoBody(request)) forgetItsType(request);
    else if (isEncoded(request)) return done(encoded());
    done();
  });
}

function hasNoBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] === undefined && (length === undefined || length === '0');
}

/** Many clients call every POST JSON; where there is no body that says nothing, and must not be an error. */
function forgetItsType({ headers }: FastifyRequest): void {
  if (headers['content-type']?.startsWith('application/json')) delete headers['content-type'];
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}

/** Else a few bytes could become any number of them. */
function encoded(): Problem {
  const message = 'is not supported; send the body as it is';
  return new Problem('unsupported-media-type', {
    detail: `Content-Encoding: ${message}`,
    errors: [{ parameter: 'Content-Encoding', message }],
  });
}
