import { HttpException } from '@nestjs/common';
import { codeOf, isError } from '../failure.js';
import { Problem, PROBLEMS, type ProblemSlug } from './problem.js';

/** What the framework knows of the request that failed. */
export interface FailedRequest {
  readonly method: string;
  /** Without the query, which may hold what is nobody's business. */
  readonly path: string;
  /** Bytes; the limit that was in force for the body. */
  readonly bodyLimitBytes: number;
  /** Set when no route matched: the methods that would have, perhaps none. */
  readonly allowedMethods?: readonly string[];
}

/** Any exception as the problem the caller is told; nothing of our inside is in it. */
export function problemOf(exception: unknown, request: FailedRequest): Problem {
  if (exception instanceof Problem) return exception;
  if (request.allowedMethods) return noRoute(request, request.allowedMethods);
  const bodyProblem = bodyProblemOf(exception, request);
  if (bodyProblem) return bodyProblem;
  if (exception instanceof HttpException && exception.getStatus() < 500)
    return new Problem(slugOf(exception.getStatus()), { detail: exception.message, cause: exception });
  if (isRetryable(exception) || (exception instanceof HttpException && exception.getStatus() === 503))
    return new Problem('unavailable', {
      detail: 'Something this service needs is away; nothing was lost. Try again.',
      headers: { 'Retry-After': '5' },
      cause: exception,
    });
  const status = statusOf(exception);
  if (status !== undefined && status >= 400 && status < 500) return new Problem(slugOf(status), { cause: exception });
  return new Problem('internal', { cause: exception });
}

function noRoute({ method, path }: FailedRequest, allowed: readonly string[]): Problem {
  if (allowed.length === 0) return new Problem('not-found', { detail: `There is no ${method} ${path}` });
  return new Problem('method-not-allowed', {
    detail: `${path} takes ${allowed.join(', ')}, not ${method}`,
    headers: { Allow: allowed.join(', ') },
  });
}

/** Fastify's errors of reading a body, by its codes; Nest hands them wrapped as the cause. */
function bodyProblemOf(exception: unknown, request: FailedRequest): Problem | undefined {
  const source = exception instanceof HttpException ? exception.cause : exception;
  switch (codeOf(source)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('payload-too-large', {
        detail: `The body is larger than ${request.bodyLimitBytes} bytes, the most that ${request.method} ${request.path} takes`,
        cause: source,
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('unsupported-media-type', { detail: 'Send JSON as application/json', cause: source });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new Problem('malformed-json', { detail: 'The body is empty', cause: source });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Problem('malformed-json', { cause: source });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('invalid-request', {
        detail: 'The body is not as long as Content-Length says',
        cause: source,
      });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem('not-found', { detail: 'A part of the path is longer than any id', cause: source });
    case 'FST_ERR_BAD_URL':
      return new Problem('invalid-request', { detail: 'The URL is not well-formed', cause: source });
    default:
      return source instanceof SyntaxError && statusOf(source) === 400
        ? new Problem('malformed-json', { detail: source.message, cause: source })
        : undefined;
  }
}

function statusOf(exception: unknown): number | undefined {
  if (!isError(exception)) return undefined;
  const status: unknown = 'statusCode' in exception ? exception.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Errors of our adapters say whether the same may work later. */
function isRetryable(exception: unknown): boolean {
  return isError(exception) && 'retryable' in exception && exception.retryable === true;
}

function slugOf(status: number): ProblemSlug {
  const known = SLUGS.find((slug) => PROBLEMS[slug].status === status);
  return known ?? 'invalid-request';
}

const SLUGS: readonly ProblemSlug[] = [
  'invalid-request',
  'unauthorized',
  'forbidden',
  'not-found',
  'method-not-allowed',
  'conflict',
  'precondition-failed',
  'payload-too-large',
  'unsupported-media-type',
  'unprocessable',
  'precondition-required',
  'too-many-requests',
];
