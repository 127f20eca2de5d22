import { type Delivery, type SubscriptionDocument } from '@hookstream/contracts';
import { mustHold } from '../../faults/broken-promise.js';

/** What a dispatcher knows of the configuration is at most so old when it starts something. */
const KNOWN_WITHIN_MS = 3_000;

/** Whether what starts may start by the policy of its subscription: nothing while it is paused, no attempt too many before it is skipped. */
export class OrderPolicies {
  readonly #skipAfter = new Map<string, number>();
  readonly #pausedAtMs = new Map<string, number>();
  #pauses = 0;

  constructor(subscriptions: readonly SubscriptionDocument[]) {
    for (const { id, settings } of subscriptions) {
      const { ordering } = settings;
      if (ordering?.policy === 'skip') this.#skipAfter.set(id, ordering.skipAfter ?? 1);
    }
  }

  /** Times a subscription was paused because a delivery of it had failed for good. */
  get pauses(): number {
    return this.#pauses;
  }

  /** The configuration says so from now on. */
  paused(subscription: string, nowMs: number): void {
    this.#pausedAtMs.set(subscription, nowMs);
    this.#pauses += 1;
  }

  resumed(subscription: string): void {
    this.#pausedAtMs.delete(subscription);
  }

  /** @throws `BrokenPromise` */
  starts({ id, subscription, attempt }: Delivery, nowMs: number): void {
    const most = this.#skipAfter.get(subscription) ?? Infinity;
    mustHold(attempt <= most, () => `${id} is tried for the ${attempt}. time, and was to be skipped after ${most}`);
    const pausedForMs = nowMs - (this.#pausedAtMs.get(subscription) ?? nowMs);
    mustHold(
      pausedForMs <= KNOWN_WITHIN_MS,
      () => `${id} starts although ${subscription} is paused for ${pausedForMs} ms`,
    );
  }
}
