import { isDeepStrictEqual } from 'node:util';
import { type SubscriptionDocument } from '@hookstream/contracts';
import {
  defaultMaxAgeMs,
  type OrganizationId,
  type SubscriptionId,
  type SubscriptionSettings,
  type ValidationHandshake,
} from '@hookstream/domain';
import { type SealedEndpoint } from './endpoint-credentials.js';
import { failurePolicyOf } from './failure-fields.js';
import { handshakeOf, lacksHandshake, withAllowedRate } from './handshake-fields.js';
import { type StoredSecret } from './stored-secret.js';
import { payloadOf } from './payload-fields.js';
import { type SubscriptionRequest } from './subscription-request.js';
import { testOf, withoutTestBody } from './test-fields.js';

/** Its endpoint has to agree first: see `Activations`. */
const HANDSHAKE_REQUIRED = 'handshake-required';
/** Its endpoint was asked, and did not agree. */
export const HANDSHAKE_FAILED = 'handshake-failed';

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
  /** Why it is not active: `by-user`, `handshake-required`, `handshake-failed`, or what the dispatcher said (`gone` …). */
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
  const wanted = request.active ?? !(request.startInactive ?? startInactive);
  const asked = requested(request, sealedEndpoint);
  const active = wanted && !lacksHandshake(asked.settings);
  return {
    id,
    organization,
    version: 1,
    ...asked,
    active,
    activatedAt: active ? now : null,
    inactiveReason: active ? null : reasonWithout(wanted),
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
  const asked = requested(request, sealedEndpoint, state.settings.endpoint.handshake);
  const wanted = request.active ?? state.active;
  const active = wanted && !lacksHandshake(asked.settings);
  const awaits = wanted && !active && !state.active;
  const inactiveReason = awaits ? awaitedReason(state, asked.settings) : state.inactiveReason;
  const next = { ...state, ...asked, sealedSecrets, inactiveReason };
  if (active === state.active && isDeepStrictEqual(next, state)) return state;
  const switched =
    active === state.active ? next : active ? activated(next, now) : deactivated(next, now, reasonWithout(wanted));
  return { ...switched, version: state.version + 1, updatedAt: now };
}

/** @param wanted somebody wants it active, and its endpoint has not agreed yet */
function reasonWithout(wanted: boolean): string {
  return wanted ? HANDSHAKE_REQUIRED : 'by-user';
}

/** The same wish about the same URL once more changes nothing, so that a configuration can be applied again. */
function awaitedReason({ inactiveReason, settings }: SubscriptionState, asked: SubscriptionSettings): string {
  const isSame = settings.endpoint.handshake && settings.endpoint.url === asked.endpoint.url;
  return isSame && inactiveReason === HANDSHAKE_FAILED ? HANDSHAKE_FAILED : HANDSHAKE_REQUIRED;
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
    settings: withAllowedRate(withoutTestBody(settings)),
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

function requested(request: SubscriptionRequest, sealedEndpoint: SealedEndpoint, handshake?: ValidationHandshake) {
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
        ...handshakeOf(endpoint, handshake),
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
