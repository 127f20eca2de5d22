import { endpointBar, type DeliveryReason, type EndpointState, type Topics } from '@hookstream/contracts';
import type { Subscription } from '@hookstream/domain';

/** Where a new delivery is written, and why there. */
export interface FirstStop {
  readonly topic: string;
  readonly reason: DeliveryReason;
}

/**
 * What cannot be delivered soon waits in `parked` from the beginning: its way through the dispatcher would end there too.
 * A probe is left to those that wait already.
 *
 * @param state what the endpoint's owner told last; a little late is harmless, as the dispatcher and the scheduler look again
 */
export function firstStop(
  topics: Pick<Topics, 'deliveries' | 'deliveriesFifo' | 'parked'>,
  subscription: Subscription,
  state: EndpointState | undefined,
  nowMs: number,
): FirstStop {
  // What must keep its order goes one way only, whatever the endpoint is like.
  if (subscription.settings.ordering) return { topic: topics.deliveriesFifo, reason: 'new' };
  if (subscription.paused) return { topic: topics.parked, reason: 'paused' };
  const bar = endpointBar(state, subscription.resumedAtMs, nowMs);
  switch (bar?.kind) {
    case undefined:
    case 'probe-due':
      return { topic: topics.deliveries, reason: 'new' };
    case 'breaker-open':
    case 'rate-limit':
    case 'overflow':
      return { topic: topics.parked, reason: bar.kind };
  }
}
