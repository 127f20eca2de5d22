import { isDeepStrictEqual } from 'node:util';
import { type SubscriptionDocument } from '@hookstream/contracts';
import {
  defaultMaxAgeMs,
  type OrganizationId,
  type SubscriptionId,
  type SubscriptionSettings,
} from '@hookstream/domain';
import { type SealedEndpoint } from './endpoint-credentials.js';
import { failurePolicyOf } from './failure-fields.js';
import { type StoredSecret } from './stored-secret.js';
import { payloadOf } from './payload-fields.js';
import { type SubscriptionRequest } from './subscription-request.js';
import { testOf, withoutTestBody } from './test-fields.js';

/** A subscription as it is stored. */
export interface SubscriptionState {
  readonly id: SubscriptionId;
  readonly version: number;
  readonly organization: OrganizationId;
  readonly name: string;
  readonly description: string;
  readonly active: boolean;
  /** When it last became active; `null` if it never was. */
  readonly activatedAt: Date | null;
  /** Why it is not active: `by-user`, or what the dispatcher said (`gone` …). */
  readonly inactiveReason: string | null;
  /** Since when it is not active; `null` while it is, or where that was not kept. */
  readonly inactiveSince: Date | null;
  /** Deliveries wait until it is resumed. */
  readonly paused: boolean;
  /** When it was last resumed; `null` if it never was. */
  readonly resumedAt: Date | null;
  readonly settings: SubscriptionSettings;
  /** Whether `retry.maxAge` follows the schedule, because nobody gave one. */
  readonly maxAgeFollowsSchedule: boolean;
  /** Newest first. */
  readonly sealedSecrets: readonly StoredSecret[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewSubscription {
  readonly id: SubscriptionId;
  readonly organization: OrganizationId;
  readonly sealedSecrets: readonly StoredSecret[];
  readonly sealedEndpoint: SealedEndpoint;
  /** Whether it is active where the request does not say. */
  readonly startInactive: boolean;
  readonly now: Date;
}

export function newSubscription(request: SubscriptionRequest, given: NewSubscription): SubscriptionState {
  const { id, organization, sealedSecrets, sealedEndpoint, startInactive, now } = given;
  const active = request.active ?? !(request.startInactive ?? startInactive);
  return {
    id,
    organization,
    version: 1,
    ...requested(request, sealedEndpoint),
    active,
    activatedAt: active ? now : null,
    inactiveReason: active ? null : 'by-user',
    inactiveSince: active ? null : now,
    paused: false,
    resumedAt: null,
    sealedSecrets,
    createdAt: now,
    updatedAt: now,
  };
}

/** The next version after a request replaced all settings; the same object where it changes nothing. */
export function replaced(
  state: SubscriptionState,
  request: SubscriptionRequest,
  sealedSecrets: readonly StoredSecret[],
  sealedEndpoint: SealedEndpoint,
  now: Date,
): SubscriptionState {
  const next = { ...state, ...requested(request, sealedEndpoint), sealedSecrets };
  const active = request.active ?? state.active;
  if (active === state.active && isDeepStrictEqual(next, state)) return state;
  const switched = active === state.active ? next : active ? activated(next, now) : deactivated(next, now);
  return { ...switched, version: state.version + 1, updatedAt: now };
}

/** Runs that began before it are cancelled from now on. */
export function activated(state: SubscriptionState, now: Date): SubscriptionState {
  return { ...state, active: true, activatedAt: now, inactiveReason: null, inactiveSince: null };
}

export function deactivated(state: SubscriptionState, now: Date, reason = 'by-user'): SubscriptionState {
  return { ...state, active: false, inactiveReason: reason, inactiveSince: now };
}

/** @param before `undefined` for one that was just made */
export function becameActive(before: SubscriptionState | undefined, after: SubscriptionState): boolean {
  return after.active && !before?.active;
}

export function paused(state: SubscriptionState): SubscriptionState {
  return { ...state, paused: true };
}

/** What is known of the endpoint's health is forgotten with it. */
export function resumed(state: SubscriptionState, now: Date): SubscriptionState {
  return { ...state, paused: false, resumedAt: now };
}

/** What routers and dispatchers are told. */
export function subscriptionDocument(state: SubscriptionState): SubscriptionDocument {
  const { id, version, organization, name, active, settings, sealedSecrets } = state;
  return {
    kind: 'subscription',
    id,
    version,
    organization,
    name,
    active,
    activatedAtMs: reactivatedAtMs(state),
    paused: state.paused,
    resumedAtMs: state.resumedAt?.getTime() ?? 0,
    settings: withoutTestBody(settings),
    sealedSecrets: sealedSecrets.map(({ sealed }) => sealed),
    ...(sealedSecrets.some(({ expiresAtMs }) => expiresAtMs !== null) && {
      secretsExpireAtMs: sealedSecrets.map(({ expiresAtMs }) => expiresAtMs),
    }),
  };
}

/**
 * A subscription that was never deactivated has no former runs to cancel, so its document says 0: a router whose clock is
 * a little behind ours must not have its first deliveries cancelled.
 */
function reactivatedAtMs({ activatedAt, createdAt }: SubscriptionState): number {
  return activatedAt !== null && activatedAt > createdAt ? activatedAt.getTime() : 0;
}

function requested(request: SubscriptionRequest, sealedEndpoint: SealedEndpoint) {
  const { retry, endpoint } = request;
  const { concurrency, perSecond } = request.rateLimit;
  const { hydrateAuth, ...sealed } = sealedEndpoint;
  return {
    name: request.name ?? new URL(endpoint.url).host,
    description: request.description,
    metadata: request.metadata,
    maxAgeFollowsSchedule: retry.maxAge === undefined,
    settings: {
      ...(request.profile !== undefined && { profile: request.profile }),
      eventTypes: request.eventTypes,
      ...(request.filters.length > 0 && { filters: request.filters }),
      endpoint: {
        url: endpoint.url,
        method: endpoint.method,
        headers: endpoint.headers,
        timeoutMs: endpoint.timeout,
        successStatuses: endpoint.successStatuses,
        ...sealed,
        ...(endpoint.httpsOnly && { httpsOnly: true }),
      },
      payload: payloadOf(request.payload, hydrateAuth),
      signing: { scheme: request.signing.scheme },
      retry: {
        scheduleMs: retry.schedule,
        ...(retry.repeatLast && { repeatLast: true }),
        jitter: retry.jitter,
        maxAgeMs: retry.maxAge ?? defaultMaxAgeMs({ scheduleMs: retry.schedule, repeatLast: retry.repeatLast }),
        nonRetryableStatuses: retry.nonRetryableStatuses,
      },
      rateLimit: { concurrency, ...(perSecond !== null && { perSecond }) },
      onFailure: failurePolicyOf(request.onFailure),
      ...orderingOf(request),
      ...testOf(request.test),
    },
  };
}

function orderingOf({ ordering }: SubscriptionRequest): Pick<SubscriptionSettings, 'ordering'> {
  const { mode, orderingKey, policy = 'block', skipAfter } = ordering;
  if (mode === 'none') return {};
  const asked = { ...(orderingKey !== undefined && { orderingKey }), ...(skipAfter !== undefined && { skipAfter }) };
  return { ordering: { mode, policy, ...asked } };
}
