import { createHash } from 'node:crypto';
import { formatDuration, type OrganizationId, type SubscriptionId } from '@hookstream/domain';
import type { FailingEndpoint } from './judge-health.js';
import type { WatchedSubscription } from './watched-subscription.js';

type NoticeKind = 'failing' | 'deactivated';

/** What is told of a subscription; the data of its operational event. */
export interface NoticeFacts {
  readonly subscription: SubscriptionId;
  readonly name: string;
  /** Scheme, host and port. */
  readonly endpoint: string;
  /** RFC 3339. */
  readonly failingSince: string;
  readonly failedAttempts: number;
  readonly lastFailure: { readonly at: string | null; readonly what: string | null };
  /** The step it was warned at, such as `3d`; the time of deactivation. */
  readonly after: string;
  /** When it will be deactivated at the earliest; `null`: never, or it was. */
  readonly deactivatesAt: string | null;
}

/** Something an owner is told once. */
export interface Notice {
  /** The same for the same thing: whoever repeats it says nothing new. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly organization: OrganizationId;
  /** Of the subscription, when this was decided: it is deactivated at this version only. */
  readonly version: number;
  readonly decidedAtMs: number;
  readonly facts: NoticeFacts;
  readonly emails: readonly string[];
  readonly asEvent: boolean;
}

/** One of each step while nothing succeeds. */
export function warningOf(health: FailingEndpoint, subscription: WatchedSubscription, stepMs: number, nowMs: number) {
  const { deactivateAfterMs } = subscription.policy;
  const planned = deactivateAfterMs === undefined ? null : health.failingSinceMs + deactivateAfterMs;
  // Not before the time between this warning and it has passed, had the warning been on time.
  const earliest = nowMs + Math.max(0, (deactivateAfterMs ?? 0) - stepMs);
  const facts = factsOf(health, subscription, stepMs, planned === null ? null : Math.max(planned, earliest));
  return noticeOf('failing', facts, subscription, nowMs, [String(health.failingSinceMs), String(stepMs)]);
}

/** One of each version of the subscription. */
export function deactivationOf(health: FailingEndpoint, subscription: WatchedSubscription, nowMs: number): Notice {
  const facts = factsOf(health, subscription, subscription.policy.deactivateAfterMs ?? 0, null);
  return noticeOf('deactivated', facts, subscription, nowMs, [String(subscription.version)]);
}

function noticeOf(
  kind: NoticeKind,
  facts: NoticeFacts,
  { id, organization, version, policy, hearsOfSubscriptions }: WatchedSubscription,
  decidedAtMs: number,
  distinct: readonly string[],
): Notice {
  return {
    id: createHash('sha256')
      .update([kind, id, ...distinct].join(' '))
      .digest('hex')
      .slice(0, 32),
    ...{ kind, organization, version, decidedAtMs, facts },
    emails: policy.notify.emails,
    // An event about who gets such events would fail as well, and be one more failure.
    asEvent: policy.notify.events && !hearsOfSubscriptions,
  };
}

function factsOf(
  health: FailingEndpoint,
  { id, name, origin }: WatchedSubscription,
  afterMs: number,
  deactivatesAtMs: number | null,
): NoticeFacts {
  return {
    subscription: id,
    name,
    endpoint: origin,
    failingSince: new Date(health.failingSinceMs).toISOString(),
    failedAttempts: health.failures,
    lastFailure: { at: timeText(health.lastFailureAtMs), what: health.lastFailure },
    after: formatDuration(afterMs),
    deactivatesAt: timeText(deactivatesAtMs),
  };
}

function timeText(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
