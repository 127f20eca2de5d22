import type { Delivery } from '@hookstream/contracts';
import type { DeliveryFacts } from '@hookstream/rendering';

/** @param nowMs when the attempt starts */
export function factsOfDelivery(delivery: Delivery, nowMs: number): DeliveryFacts {
  const { id, run, attempt, attemptsInRun, firstSeenAtMs, firstSentAtMs = nowMs, failedBy } = delivery;
  return {
    ...{ id, run, attempt, attemptInRun: attemptsInRun + 1 },
    firstSeenAt: toTime(firstSeenAtMs),
    firstSentAt: toTime(firstSentAtMs),
    sentAt: toTime(nowMs),
    previous: failedBy === undefined ? null : previousOf(failedBy),
  };
}

function previousOf(failedBy: number | string): DeliveryFacts['previous'] {
  return typeof failedBy === 'number' ? { status: failedBy, error: null } : { status: null, error: failedBy };
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
