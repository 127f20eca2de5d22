import { parseBody, parseStrictJson, Problem, type ProblemError, type ServiceLogger } from '@hookstream/service';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { jsonOfYaml, yamlOfJson, YamlError } from '../adapters/yaml/yaml-worker.js';
import { type Authenticator } from '../core/api-keys/authenticator.js';
import { type Need } from '../core/api-keys/permissions.js';
import {
  type ApplyDocument,
  applyDocument,
  appliedEventType,
  appliedSubscription,
} from '../core/apply/apply-document.js';
import { exportDocument, viewApplied } from '../core/apply/apply-view.js';
import { type Configuration } from '../core/apply/configuration.js';
import { pingsDue } from '../core/apply/changes.js';
import { type Caller } from '../core/caller.js';
import { organizationReference } from '../core/fields.js';
import { withProfile } from '../core/profiles/profiles.js';
import { type Propagation } from '../core/propagation.js';
import { type SubscriptionTests } from '../core/tests/subscription-tests.js';
import { authenticated } from './api-key.guard.js';
import { valueOf } from './problem-of-rejection.js';
import { answerProblems, takeRawBodies } from './raw-body.js';

const MAX_DOCUMENT_BYTES = 33_554_432;
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];
const MAX_ERRORS = 50;
const BETWEEN_YIELDS = 100;

const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .prefault('false')
  .transform((text) => text === 'true');

export const applyQuery = z.strictObject({
  dryRun: flag.meta({ description: 'Tells what would change, and changes nothing.' }),
  prune: flag.meta({ description: 'Deletes what the lists of the document do not name.' }),
});

export const exportQuery = z.strictObject({
  organization: organizationReference.optional(),
  format: z.enum(['json', 'yaml']).prefault('json'),
});

interface ApplyRouteParts {
  readonly authenticator: Authenticator;
  readonly configuration: Configuration;
  readonly propagation: Propagation;
  readonly tests: SubscriptionTests;
  readonly logger: ServiceLogger;
}

/** `PUT /v1/apply` and `GET /v1/export`. Routes of Fastify's own: who asks is known before 32 MiB are read. */
export function addApplyRoutes(server: FastifyInstance, parts: ApplyRouteParts): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const asks = (need: Need) => async (request: FastifyRequest, reply: FastifyReply) => {
    callers.set(request, await authenticated(parts.authenticator, request, reply, need));
  };
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = callers.get(request);
    if (!caller) throw new Error('the hook that knows the caller did not run');
    return caller;
  };
  void server.register((scope, _options, done) => {
    answerProblems(scope, parts.logger);
    takeRawBodies(scope);
    // What it does in particular is held to the caller's grants once that is known.
    scope.put('/v1/apply', { bodyLimit: MAX_DOCUMENT_BYTES, onRequest: asks('read') }, async (request, reply) => {
      const options = parseQuery(applyQuery, request.query);
      const document = await readDocument(request);
      const applied = valueOf(await parts.configuration.apply(callerOf(request), document, options));
      const { eventTypes, subscriptions } = applied.plan;
      const isChanged = !options.dryRun && eventTypes.length + subscriptions.length > 0;
      if (isChanged && !(await parts.propagation.inForce())) {
        void reply.header('Hookstream-Propagation', 'pending');
      }
      const pings = await parts.tests.pingActivated(options.dryRun ? [] : pingsDue(applied.plan));
      return viewApplied(applied, options, pings);
    });
    scope.get('/v1/export', { onRequest: asks('read') }, async (request, reply) => {
      const { organization, format } = parseQuery(exportQuery, request.query);
      const present = valueOf(await parts.configuration.read(callerOf(request), organization));
      const document = exportDocument(present);
      if (format === 'json') return document;
      return reply.type('application/yaml; charset=utf-8').send(await yamlOfJson(JSON.stringify(document)));
    });
    scope.get('/schemas/configuration.json', (_request, reply) =>
      reply.type('application/schema+json').send(JSON.stringify(configurationSchema())),
    );
    done();
  });
}

/** The JSON Schema of the document, for editors and pipelines. */
function configurationSchema(): unknown {
  return z.toJSONSchema(applyDocument, { io: 'input', unrepresentable: 'any', override: keepOverride });
}

/** As the OpenAPI document has it: schemas that are code say themselves what they look like. */
function keepOverride({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: object }): void {
  const meta: unknown = z.globalRegistry.get(zodSchema);
  const override: unknown = typeof meta === 'object' && meta !== null && 'override' in meta ? meta.override : undefined;
  if (typeof override === 'object') Object.assign(jsonSchema, override);
  Reflect.deleteProperty(jsonSchema, 'override');
}

async function readDocument(request: FastifyRequest): Promise<ApplyDocument> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const raw = await parsed(body, request.headers['content-type'] ?? '');
  const shell = parseBody(
    applyDocument.extend({
      eventTypes: z.array(z.unknown()).max(10_000).optional(),
      subscriptions: z.array(z.unknown()).max(100_000).optional(),
    }),
    raw,
  );
  const errors: ProblemError[] = [];
  const { organization, eventTypes, subscriptions } = shell;
  const document: ApplyDocument = {
    ...(organization !== undefined && { organization }),
    ...(eventTypes && { eventTypes: await each(appliedEventType, eventTypes, '/eventTypes', errors) }),
    ...(subscriptions && {
      subscriptions: await each(appliedSubscription, subscriptions.map(withProfile), '/subscriptions', errors),
    }),
  };
  if (errors.length === 0) return document;
  const [first] = errors;
  const more = errors.length > 1 ? ', …' : '';
  const detail = `Nothing was changed. ${first?.pointer ?? ''}: ${first?.message ?? ''}${more}`;
  throw new Problem('invalid-request', { detail, errors: errors.slice(0, MAX_ERRORS) });
}

/** Entry by entry, so that a long document keeps nobody waiting. */
async function each<Schema extends z.ZodType>(
  schema: Schema,
  entries: readonly unknown[],
  place: string,
  errors: ProblemError[],
): Promise<z.output<Schema>[]> {
  const read: z.output<Schema>[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % BETWEEN_YIELDS === BETWEEN_YIELDS - 1) await new Promise(setImmediate);
    if (errors.length >= MAX_ERRORS) break;
    try {
      read.push(parseBody(schema, entry));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      for (const { pointer = '', message } of error.details.errors ?? []) {
        errors.push({ pointer: `${place}/${index}${pointer}`, message });
      }
    }
  }
  return read;
}

async function parsed(body: Buffer, contentType: string): Promise<unknown> {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'application/json') return parseStrictJson(body);
  if (YAML_TYPES.includes(mediaType)) return parseStrictJson(Buffer.from(await readYaml(utf8(body))));
  throw new Problem('unsupported-media-type', { detail: `Send application/json or ${YAML_TYPES.join(', ')}` });
}

async function readYaml(text: string): Promise<string> {
  try {
    return await jsonOfYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const { message, pointer } = error;
    if (pointer === undefined) {
      throw new Problem('malformed-json', { detail: `The document cannot be read: ${message}`, cause: error });
    }
    throw new Problem('invalid-request', { detail: `${pointer}: ${message}`, errors: [{ pointer, message }] });
  }
}

function utf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new Problem('malformed-json', { detail: 'The document is not in UTF-8.', cause: error });
  }
}

function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const read = schema.safeParse(query);
  if (read.success) return read.data;
  const errors = read.error.issues.map(({ path, message }) => ({ parameter: path.join('.') || 'query', message }));
  throw new Problem('invalid-request', { detail: errors.map(({ message }) => message).join('; '), errors });
}
