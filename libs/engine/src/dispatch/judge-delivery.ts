import type { CancelledReason } from '@hookstream/domain';
import { handshakeOrigin, type Delivery, type DeliveryReason, type SubscriptionDocument } from '@hookstream/contracts';
import type { SubscriptionEntry, SubscriptionInForce } from './subscription-table.js';

/** What becomes of a delivery that comes up, by the newest settings. */
export type Verdict =
  | { readonly kind: 'attempt'; readonly subscription: SubscriptionInForce }
  /** Not now; this is no attempt. */
  | { readonly kind: 'wait'; readonly dueAtMs: number; readonly reason: DeliveryReason }
  /** Not before something changes that nobody can foresee; this is no attempt. */
  | { readonly kind: 'park'; readonly reason: 'paused' }
  | { readonly kind: 'end'; readonly state: 'cancelled'; readonly reason: CancelledReason }
  | { readonly kind: 'end'; readonly state: 'exhausted'; readonly reason: 'max-age' }
  | { readonly kind: 'dead-letter'; readonly reason: 'unknown-subscription'; readonly detail: string };

/** How long this reader of the configuration may be behind the router before a subscription counts as unknown. */
const UNKNOWN_FOR_MS = 5 * 60_000;
const SETTINGS_WAIT_MS = 1_000;
/** Nobody waits for a test any more that dispatchers could not begin for so long. */
const TEST_MAX_AGE_MS = 5 * 60_000;

/** Judges at the start of an attempt, never at intake: what was acknowledged since then is in force. */
export function judgeDelivery(delivery: Delivery, entry: SubscriptionEntry | undefined, nowMs: number): Verdict {
  if (!entry) return judgeUnknown(delivery, nowMs);
  if (entry.kind === 'deleted') return { kind: 'end', state: 'cancelled', reason: 'subscription-deleted' };

  const { document } = entry;
  const maxAgeMs = delivery.test ? TEST_MAX_AGE_MS : document.settings.retry.maxAgeMs;
  const outlived = nowMs - delivery.runStartedAtMs > maxAgeMs;
  if (delivery.configVersion > document.version && !outlived) return waitForSettings('settings-behind', nowMs);
  if (!isWanted(delivery, document)) {
    return { kind: 'end', state: 'cancelled', reason: 'subscription-inactive' };
  }
  if (outlived) return { kind: 'end', state: 'exhausted', reason: 'max-age' };
  if (document.paused && !delivery.test) return { kind: 'park', reason: 'paused' };
  if (delivery.dueAtMs > nowMs) return { kind: 'wait', dueAtMs: delivery.dueAtMs, reason: delivery.reason };
  return { kind: 'attempt', subscription: entry };
}

function isWanted(delivery: Delivery, { active, activatedAtMs, settings }: SubscriptionDocument): boolean {
  if (active) return delivery.runStartedAtMs >= activatedAtMs;
  if (!delivery.test) return false;
  const { handshake } = settings.endpoint;
  if (handshake && handshakeOrigin(delivery) !== undefined) return true;
  // An endpoint that has not agreed yet gets no test either.
  const mayBeSent = handshake === undefined || handshake.agreed !== undefined;
  return mayBeSent && settings.test?.whileInactive === true;
}

function judgeUnknown(delivery: Delivery, nowMs: number): Verdict {
  if (nowMs - Math.max(delivery.firstSeenAtMs, delivery.runStartedAtMs) < UNKNOWN_FOR_MS)
    return waitForSettings('unknown-subscription', nowMs);
  const detail = `${delivery.subscription} is not in the configuration, 5 minutes after its delivery was first seen`;
  return { kind: 'dead-letter', reason: 'unknown-subscription', detail };
}

function waitForSettings(reason: DeliveryReason, nowMs: number): Verdict {
  return { kind: 'wait', dueAtMs: nowMs + SETTINGS_WAIT_MS, reason };
}
