import { PROBLEMS, type ProblemSlug } from '@hookstream/service';
import { z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';

type Responses = ZodOpenApiOperationObject['responses'];
type Refusal = NonNullable<Responses[`4${number}`]>;

const problem = z
  .object({
    type: z
      .enum(Object.keys(PROBLEMS).map((slug) => `/problems/${slug}`))
      .meta({ description: 'Stable: decide by it, or by the status.', examples: ['/problems/invalid-request'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: 'What is wrong in this case, and what to do about it.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().meta({ description: 'RFC 6901, into the body.' }),
          parameter: z.string().optional().meta({ description: 'Of the query or the path, or a header.' }),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

const retryAfter = z.object({ 'Retry-After': z.string() });

/** @param id under which it is among the components */
function refused(id: string, description: string, headers?: z.ZodObject): Refusal {
  return {
    id,
    description,
    ...(headers && { headers }),
    content: { 'application/problem+json': { schema: problem } },
  };
}

function titled(id: string, slug: ProblemSlug): Refusal {
  return refused(id, `${PROBLEMS[slug].title}.`);
}

/** Each is one component of the document. */
const REFUSALS = {
  invalid: refused('Invalid', 'The request is not valid; `errors` names the fields.'),
  unauthorized: refused(
    'Unauthorized',
    'A valid API key is required.',
    z.object({ 'WWW-Authenticate': z.string().meta({ examples: ['Bearer'] }) }),
  ),
  forbidden: titled('Forbidden', 'forbidden'),
  notFound: refused('NotFound', 'There is no such thing here, or it is not yours.'),
  conflict: titled('Conflict', 'conflict'),
  mismatch: refused('VersionMismatch', '`If-Match` names another version than the current one.'),
  tooLarge: titled('TooLarge', 'payload-too-large'),
  mediaType: titled('UnsupportedMediaType', 'unsupported-media-type'),
  unprocessable: refused(
    'Unprocessable',
    'The `Idempotency-Key` was used for another request, or the request cannot be accepted.',
  ),
  unavailable: refused('Unavailable', 'Something this service needs is away; nothing was lost. Try again.', retryAfter),
  loop: titled('LoopDetected', 'loop-detected'),
};

/** How every operation may be refused. */
export const failed: Responses = {
  '400': REFUSALS.invalid,
  '401': REFUSALS.unauthorized,
  '403': REFUSALS.forbidden,
  '503': REFUSALS.unavailable,
};

export const notFound: Responses = { '404': REFUSALS.notFound };

/** Of events that came round. */
export const loopDetected: Responses = { '508': REFUSALS.loop };

const WRITES = ['post', 'put', 'patch', 'delete'] as const;
const VERBS = ['get', ...WRITES] as const;

/** The paths with every refusal that follows from what an operation takes. */
export function withRefusals(paths: ZodOpenApiPathsObject): ZodOpenApiPathsObject {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => {
      const refusing = { ...item };
      for (const verb of VERBS) {
        const operation = item[verb];
        if (!operation) continue;
        const responses = { ...refusalsOf(path, verb, operation), ...operation.responses };
        refusing[verb] = { ...operation, responses };
      }
      return [path, refusing];
    }),
  );
}

function refusalsOf(path: string, verb: (typeof VERBS)[number], operation: ZodOpenApiOperationObject): Responses {
  const takes = (place: 'header' | 'query', name: string) => {
    const parameters = operation.requestParams?.[place];
    return parameters instanceof z.ZodObject && name in parameters.shape;
  };
  const named = path.includes('{') || takes('query', 'organization');
  const writes = WRITES.some((write) => write === verb);
  const takesKey = takes('header', 'Idempotency-Key');
  return {
    ...(named && notFound),
    ...(writes && { '409': REFUSALS.conflict, '415': REFUSALS.mediaType }),
    ...(takes('header', 'If-Match') && { '412': REFUSALS.mismatch }),
    ...((takesKey || operation.requestBody) && { '413': REFUSALS.tooLarge }),
    ...(takesKey && { '422': REFUSALS.unprocessable }),
  };
}
