import type { Delivery } from '@hookstream/contracts';
import type { DispatchItem } from './dispatch-item.js';
import type { Effects } from './effects.js';
import type { SubscriptionInForce } from './subscription-table.js';

/** One of several deliveries in a request. */
export interface Member {
  readonly item: DispatchItem;
  readonly delivery: Delivery;
  readonly subscription: SubscriptionInForce;
  /** What became of it. */
  readonly settle: (effects: Effects) => void;
  /** By a defect, or because it did not begin. */
  readonly fail: (error: unknown) => void;
}

export type Members = readonly [Member, ...Member[]];

/** Records that are judged one by one, and whose attempt, where they come to one, is one request for all. */
export class SharedAttempt {
  private readonly members: Member[] = [];
  private begun = false;

  constructor(private readonly make: (members: Members) => Promise<void>) {}

  /** Whether one may still join. */
  get isOpen(): boolean {
    return !this.begun;
  }

  /** Resolves when the request has been made. */
  join(delivery: Delivery, item: DispatchItem, subscription: SubscriptionInForce): Promise<Effects> {
    return new Promise((settle, fail) => this.members.push({ item, delivery, subscription, settle, fail }));
  }

  /** Makes the request for those that have joined. */
  begin(): void {
    this.begun = true;
    const [first, ...others] = this.members;
    if (first) void this.make([first, ...others]);
  }
}
