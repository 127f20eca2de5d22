import { formatDuration } from '@hookstream/domain';
import { z } from 'zod';
import { statusList } from '../fields.js';
import { endpointAuthView, viewEndpointAuth } from './endpoint-auth-fields.js';
import { endpointTlsView, viewEndpointTls } from './endpoint-tls-fields.js';
import { failureView, viewFailurePolicy } from './failure-fields.js';
import { filterList } from './filter-fields.js';
import { handshakeView, viewHandshake } from './handshake-fields.js';
import { payloadView, viewPayload } from './payload-fields.js';
import { signingView } from './signing-fields.js';
import { type SubscriptionState } from './subscription-state.js';
import { testView, viewTest } from './test-fields.js';

const duration = z.string().meta({ examples: ['5s'] });
const time = z.iso.datetime().nullable();

/** A subscription as it is answered: all settings with their defaults, durations as text. */
export const subscriptionView = z
  .object({
    id: z.string().meta({ examples: ['sub_0f7a2c7d5e2b4a49a4f1f6d7b5e8c9d0'] }),
    version: z.int(),
    organization: z.string(),
    name: z.string(),
    description: z.string(),
    active: z.boolean(),
    activatedAt: time,
    inactiveReason: z.string().nullable().meta({
      description:
        '`by-user`, or why Hookstream deactivated it, such as `gone`, `test-failed` or `handshake-required`.',
    }),
    inactiveSince: time.meta({ description: '`null` while it is active.' }),
    paused: z.boolean().meta({ description: 'Deliveries wait, at most for `retry.maxAge`, until it is resumed.' }),
    profile: z.string().optional().meta({ description: 'What its settings began with; all of them are here.' }),
    eventTypes: z.array(z.string()),
    filters: filterList,
    endpoint: z.object({
      url: z.string(),
      method: z.enum(['POST', 'PUT', 'PATCH']),
      headers: z.record(z.string(), z.string()),
      timeout: duration,
      successStatuses: statusList(0),
      auth: endpointAuthView,
      tls: endpointTlsView,
      httpsOnly: z.boolean(),
      validationHandshake: z.boolean(),
    }),
    handshake: handshakeView,
    payload: payloadView,
    signing: signingView,
    retry: z.object({
      schedule: z.array(duration),
      repeatLast: z.boolean(),
      jitter: z.number(),
      maxAge: duration,
      nonRetryableStatuses: statusList(0),
    }),
    rateLimit: z.object({ concurrency: z.int(), perSecond: z.number().nullable() }),
    onFailure: failureView,
    ordering: z.object({
      mode: z.enum(['none', 'fifo']),
      orderingKey: z.enum(['subject', 'partitionkey']).optional(),
      policy: z.enum(['block', 'skip', 'pause']).optional(),
      skipAfter: z.int().optional(),
    }),
    test: testView,
    metadata: z.record(z.string(), z.string()),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Subscription' });

export type SubscriptionView = z.input<typeof subscriptionView>;

/** @param secret shown only by the answer to the request that made it */
export function viewSubscription(state: SubscriptionState, secret?: string): SubscriptionView {
  const { id, version, organization, name, description, active, inactiveReason, metadata } = state;
  return {
    id,
    version,
    organization,
    name,
    description,
    active,
    activatedAt: state.activatedAt?.toISOString() ?? null,
    inactiveReason,
    inactiveSince: state.inactiveSince?.toISOString() ?? null,
    paused: state.paused,
    ...viewSettings(state),
    handshake: viewHandshake(state.settings),
    signing: viewSigning(state, secret),
    metadata: { ...metadata },
    createdAt: state.createdAt.toISOString(),
    updatedAt: state.updatedAt.toISOString(),
  };
}

function viewSigning({ settings, sealedSecrets }: SubscriptionState, secret?: string): SubscriptionView['signing'] {
  const secrets = sealedSecrets.map(({ fingerprint, expiresAtMs, publicKey }) => ({
    fingerprint,
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
    ...(publicKey !== undefined && { publicKey }),
  }));
  return { ...settings.signing, ...(secret !== undefined && { secret }), secrets };
}

/** The request that would give the stored settings, for a merge patch to be applied to. */
export function asRequest(state: SubscriptionState) {
  const { name, description, active, metadata, maxAgeFollowsSchedule } = state;
  const view = viewSettings(state);
  const { maxAge, ...retry } = view.retry;
  return {
    name,
    description,
    active,
    metadata,
    ...view,
    retry: maxAgeFollowsSchedule ? retry : { ...retry, maxAge },
  };
}

function viewSettings({ settings }: SubscriptionState) {
  const {
    profile,
    eventTypes,
    filters = [],
    endpoint,
    payload,
    signing,
    retry,
    rateLimit,
    onFailure,
    ordering,
  } = settings;
  return {
    ...(profile !== undefined && { profile }),
    eventTypes: [...eventTypes],
    filters: [...filters],
    endpoint: {
      url: endpoint.url,
      method: endpoint.method,
      headers: { ...endpoint.headers },
      timeout: formatDuration(endpoint.timeoutMs),
      successStatuses: [...endpoint.successStatuses],
      auth: viewEndpointAuth(endpoint.auth),
      tls: viewEndpointTls(endpoint.tls),
      httpsOnly: endpoint.httpsOnly ?? false,
      validationHandshake: endpoint.handshake !== undefined,
    },
    payload: viewPayload(payload),
    signing,
    retry: {
      schedule: retry.scheduleMs.map(formatDuration),
      repeatLast: retry.repeatLast ?? false,
      jitter: retry.jitter,
      maxAge: formatDuration(retry.maxAgeMs),
      nonRetryableStatuses: [...retry.nonRetryableStatuses],
    },
    rateLimit: { concurrency: rateLimit.concurrency, perSecond: rateLimit.perSecond ?? null },
    onFailure: viewFailurePolicy(onFailure),
    ordering: ordering ?? { mode: 'none' as const },
    test: viewTest(settings.test),
  };
}
