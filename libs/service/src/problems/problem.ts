import { HttpException } from '@nestjs/common';

/**
 * The closed list of problem types. `type` in an answer is `/problems/<slug>`: a full path on the API's own origin
 * (RFC 9457 §3.1.1), stable, and where the origin explains it.
 */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'malformed-json': { status: 400, title: 'The body is not well-formed JSON' },
  unauthorized: { status: 401, title: 'A valid API key is required' },
  forbidden: { status: 403, title: 'The API key does not permit this' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'The request does not fit the present state' },
  'precondition-failed': { status: 412, title: 'It was changed by someone else meanwhile' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  unprocessable: { status: 422, title: 'The request is well-formed but cannot be accepted' },
  'precondition-required': { status: 428, title: 'The request needs an If-Match header' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The head of the request is too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  'loop-detected': { status: 508, title: 'The event has come round to where it came from' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type ProblemSlug = keyof typeof PROBLEMS;

/** One wrong field: `pointer` (RFC 6901) into the body, or `parameter`, the name of a query or path parameter or header. */
export interface ProblemError {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly message: string;
}

/** RFC 9457. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly ProblemError[];
}

export interface ProblemDetails {
  /** What is wrong in this case and what to do about it; shown to the caller. */
  readonly detail?: string;
  readonly errors?: readonly ProblemError[];
  /** Headers of the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Thrown anywhere under a controller, it becomes the answer: `throw new Problem('not-found', { detail: … })`. */
export class Problem extends HttpException {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly slug: ProblemSlug,
    readonly details: ProblemDetails = {},
  ) {
    super(details.detail ?? PROBLEMS[slug].title, PROBLEMS[slug].status, { cause: details.cause });
    this.headers = details.headers ?? {};
  }

  toBody(): ProblemBody {
    const { detail, errors } = this.details;
    return {
      type: `/problems/${this.slug}`,
      title: PROBLEMS[this.slug].title,
      status: PROBLEMS[this.slug].status,
      ...(detail !== undefined && { detail }),
      ...(errors !== undefined && { errors }),
    };
  }
}
