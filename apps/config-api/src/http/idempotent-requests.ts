import { Readable } from 'node:stream';
import { Problem, readIdempotencyKey, type ServiceLogger } from '@hookstream/service';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Authenticator } from '../core/api-keys/authenticator.js';
import {
  fingerprintOf,
  isWorthKeeping,
  judge,
  type RequestName,
  type RequestNames,
  type StoredAnswer,
  type Verdict,
} from '../core/idempotency/idempotency.js';

interface IdempotencyParts {
  readonly authenticator: Authenticator;
  readonly names: RequestNames;
  readonly logger: ServiceLogger;
}

/** What is kept of an answer besides status and body. */
const KEPT_HEADERS = ['content-type', 'etag', 'location', 'hookstream-propagation'];
const REPLAYED = 'Idempotency-Replayed';
const MAX_ANSWER_BYTES = 4_194_304;

/**
 * `Idempotency-Key` on every POST, whoever handles it: the same request again is answered with what was answered before, and
 * done once. The claim is committed before the request is handled and the answer before it is sent; a request whose process
 * died between the two is never done again under its key, for nobody knows whether it took effect.
 */
export function addIdempotency(server: FastifyInstance, parts: IdempotencyParts): void {
  const running = new WeakMap<FastifyRequest, RequestName>();

  server.addHook('preParsing', async (request, reply, payload) => {
    const header = request.headers['idempotency-key'];
    if (request.method !== 'POST' || header === undefined) return payload;
    const authentication = await parts.authenticator.authenticate(request.headers.authorization);
    // Refused by whoever handles it; a key that nobody knows has no names.
    if (!authentication.ok || request.is404) return payload;
    const key = readIdempotencyKey(header);
    if (key === undefined) return payload;
    const body = await bytesOf(payload, request);
    const name: RequestName = { apiKey: authentication.caller.key, name: key };
    const fingerprint = fingerprintOf(request.url, request.headers['content-type'] ?? '', body);
    const verdict = judge(await parts.names.claim(name, fingerprint), fingerprint, Date.now());
    if (verdict.kind === 'run') running.set(request, name);
    else if (verdict.kind === 'replay') return await replay(reply, verdict.answer);
    else throw problemOf(verdict.kind);
    return Readable.from(body, { objectMode: false });
  });

  server.addHook('onSend', async (request, reply, payload: unknown) => {
    const name = running.get(request);
    if (!name) return payload;
    running.delete(request);
    const body = payload instanceof Readable ? await textOf(payload) : textIn(payload);
    try {
      if (isWorthKeeping(reply.statusCode)) await parts.names.answer(name, answerOf(reply, body));
      else await parts.names.release(name);
    } catch (error) {
      // Done, though the answer is not kept: the caller gets it now, and a repeat is told that it is lost.
      parts.logger.warn('an answer is not kept for its Idempotency-Key', { error });
    }
    return payload instanceof Readable ? body : payload;
  });
}

async function replay(reply: FastifyReply, { status, headers, body }: StoredAnswer): Promise<undefined> {
  await reply.code(status).headers(headers).header(REPLAYED, 'true').send(body);
  return undefined;
}

function answerOf(reply: FastifyReply, body: string): StoredAnswer {
  const headers = KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)]];
  });
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body };
}

/** @throws Problem `payload-too-large` before more than the route takes is held */
async function bytesOf(payload: AsyncIterable<unknown>, request: FastifyRequest): Promise<Buffer> {
  const limit = request.routeOptions.bodyLimit ?? MAX_ANSWER_BYTES;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.length;
    if (bytes > limit) {
      throw new Problem('payload-too-large', {
        detail: `The body is larger than ${limit} bytes, the most taken here.`,
      });
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString('utf8');
}

function textIn(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  return Buffer.isBuffer(payload) ? payload.toString('utf8') : '';
}

function problemOf(kind: Exclude<Verdict['kind'], 'run' | 'replay'>): Problem {
  const errors = (message: string) => ({ errors: [{ parameter: 'Idempotency-Key', message }] });
  switch (kind) {
    case 'other-request':
      return new Problem('unprocessable', {
        detail: 'This Idempotency-Key was used for another request within the last 24 hours. Use a new one.',
        ...errors('was used for another request'),
      });
    case 'running':
      return new Problem('conflict', {
        detail: 'The request with this Idempotency-Key is still under way. Try again in a moment.',
        headers: { 'Retry-After': '1' },
        ...errors('is under way'),
      });
    case 'lost':
      return new Problem('conflict', {
        detail:
          'An earlier request with this Idempotency-Key did not finish, and whether it took effect is not known. Look, then use a new key.',
        ...errors('belongs to a request that did not finish'),
      });
  }
}
