import { parseRetryAfter, type ResourceHydration } from '@hookstream/domain';
import type { HttpFailure, HttpResponse, ResourceRequest } from '@hookstream/egress';
import type { AttemptOutcome, SubscriptionInForce } from '@hookstream/engine';
import { findJsonFault, resourceUrlOf, type RenderableEvent } from '@hookstream/rendering';
import type { AccessTokens } from '../access-tokens.js';
import { sendAuthorized } from '../authorized-request.js';
import { authorizationOf, type Authorization } from '../endpoint-authorization.js';
import type { EntityCache } from './entity-cache.js';
import type { EntityMemory, HeldBytes } from './entity-memory.js';
import { MAX_ENTITY_BYTES, type EntityReading } from './entity-reading.js';
import { SourceGate } from './source-gate.js';

export interface ResourceEntitiesParts {
  /** Never rejects for what a server or the network does. */
  readonly get: (request: ResourceRequest) => Promise<HttpResponse | HttpFailure>;
  readonly tokens: Pick<AccessTokens, 'get' | 'refused'>;
  readonly cache: EntityCache;
  readonly memory: EntityMemory;
  readonly userAgent: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Source {
  readonly gate: SourceGate;
  readonly authorization: Authorization | undefined;
}

interface Asked {
  readonly url: string;
  readonly hydrate: ResourceHydration;
  readonly source: Source;
  readonly nowMs: number;
}

const NO_RELEASE = () => undefined;

/**
 * Entities by a GET of their resource, anew for each attempt unless the settings allow to keep them. Whatever is wrong is ours:
 * the endpoint knows nothing of it.
 */
export class ResourceEntities {
  /** As long as the settings are in force. */
  private readonly sources = new WeakMap<ResourceHydration, Source>();

  constructor(private readonly parts: ResourceEntitiesParts) {}

  /**
   * @param nowMs milliseconds since the epoch, to read the dates of a `Retry-After` by
   * @throws Error when a secret cannot be opened
   */
  async read(
    event: RenderableEvent,
    subscription: SubscriptionInForce,
    hydrate: ResourceHydration,
    nowMs: number,
  ): Promise<EntityReading> {
    const reference = resourceUrlOf(hydrate.url, event);
    if (!reference.ok) return { kind: 'unnamed', detail: reference.detail };
    const { cache, now } = this.parts;
    const url = reference.text;
    const { id, version } = subscription.document;
    const key = `${id} ${version} ${url}`;
    const kept = hydrate.cacheMs > 0 ? cache.get(key, now()) : undefined;
    if (kept) return { kind: 'entity', json: kept, release: NO_RELEASE };

    const source = this.sourceOf(hydrate, subscription);
    const shutForMs = source.gate.enter(now());
    if (shutForMs > 0) return { kind: 'unavailable', detail: source.gate.lastFailure, againInMs: shutForMs };
    const held = this.parts.memory.hold(id);
    const startedAtMs = now();
    const reading = await this.readThrough({ url, hydrate, source, nowMs }, held);
    // As old as when it was asked for: the answer may have been made right then.
    if (reading.kind === 'entity' && hydrate.cacheMs > 0) cache.set(key, reading.json, startedAtMs + hydrate.cacheMs);
    if (reading.kind !== 'entity') held.release();
    return reading;
  }

  private async readThrough({ url, hydrate, source, nowMs }: Asked, held: HeldBytes): Promise<EntityReading> {
    const { now } = this.parts;
    const { gate, authorization } = source;
    const failed = (detail: string, askedMs = 0): EntityReading => {
      gate.failed(detail, askedMs, now());
      return { kind: 'unavailable', detail, againInMs: askedMs };
    };
    const answer = await this.answerOf(url, hydrate, authorization, held).catch((error: unknown) => {
      failed('it could not be asked');
      throw error;
    });
    if (answer.kind === 'failure') return failed(`the entity's resource: ${answer.message}`);
    const { status, headers, body } = answer;
    if (status === 404 || status === 410) {
      gate.succeeded();
      return { kind: 'missing', detail: `the entity's resource answered ${status}` };
    }
    if (status < 200 || status > 299) {
      const retryAfter = headers['retry-after'];
      const askedMs = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, nowMs);
      return failed(`the entity's resource answered ${status}`, askedMs);
    }
    const fault = findJsonFault(body);
    if (fault) return failed(`the entity's resource answered ${status} without JSON: ${fault.detail}`);
    gate.succeeded();
    return { kind: 'entity', json: body, release: () => held.release() };
  }

  private async answerOf(
    url: string,
    hydrate: ResourceHydration,
    authorization: Authorization | undefined,
    held: HeldBytes,
  ): Promise<AttemptOutcome> {
    const { get, tokens, now, userAgent } = this.parts;
    const headers = { ...hydrate.headers, 'user-agent': userAgent };
    const request = {
      url,
      headers,
      timeoutMs: hydrate.timeoutMs,
      maxBodyBytes: MAX_ENTITY_BYTES,
      mayTake: (bytes: number) => held.take(bytes),
    };
    if (!authorization) return get(request);
    const outcome = await sendAuthorized(request, authorization, () => true, { send: get, tokens, now });
    if (outcome.kind === 'withheld') throw new Error('nothing withholds it');
    return outcome;
  }

  private sourceOf(hydrate: ResourceHydration, subscription: SubscriptionInForce): Source {
    const known = this.sources.get(hydrate);
    if (known) return known;
    const authorization = hydrate.auth && authorizationOf(hydrate.auth, subscription);
    const source = { gate: new SourceGate(), authorization: authorization && apart(authorization) };
    this.sources.set(hydrate, source);
    return source;
  }
}

/** Its token is another than the endpoint's. */
function apart(authorization: Authorization): Authorization {
  if (authorization.kind === 'header') return authorization;
  const { client } = authorization;
  return { ...authorization, client: { ...client, subscription: `${client.subscription}/hydrate` } };
}
