import type { ConsumedRecord, Delivery } from '@hookstream/contracts';
import type { OwnedPartition } from '../tracker/tracker-table.js';
import { Valve } from './valve.js';
import { type Stretch, WaitingIndex } from './waiting-index.js';

/** A record in memory that goes as soon as its subscription's valve lets it. */
export interface ReadyRecord {
  readonly record: ConsumedRecord;
  readonly delivery: Delivery;
}

/** The way out for one subscription. */
export interface Outlet {
  readonly valve: Valve;
  readonly ready: ReadyRecord[];
}

/** What is known of one partition of `parked` while it is owned: where whose records wait, and the few in memory. */
export class ParkedPartition {
  readonly index = new WaitingIndex();
  readonly outlets = new Map<string, Outlet>();
  /** Where the next look begins: the last one had no room for more there. */
  lookFrom = 0;
  /** When the ages of all that waits were last looked at. */
  agesSeenAtMs = Number.NEGATIVE_INFINITY;
  /** In memory, or being written. */
  private readonly taken = new Map<number, string>();

  constructor(readonly owner: OwnedPartition) {}

  /** Whether a record that was read is still to be dealt with. */
  waits(offset: number): boolean {
    return !this.taken.has(offset) && !this.owner.tracker.isFinished(offset);
  }

  outlet(subscription: string, mostPerSecond: number, nowMs: number): Outlet {
    const known = this.outlets.get(subscription);
    if (known) return known;
    const fresh = { valve: new Valve(mostPerSecond, nowMs), ready: [] };
    this.outlets.set(subscription, fresh);
    return fresh;
  }

  take(offset: number, subscription: string): void {
    this.taken.set(offset, subscription);
  }

  /** It waits on, in the log. */
  putBack(offset: number): void {
    this.taken.delete(offset);
  }

  /** It is done with here. */
  finish(offset: number, subscription: string): void {
    if (this.owner.tracker.isFinished(offset)) return;
    this.taken.delete(offset);
    this.index.remove(offset, subscription);
    this.owner.tracker.finish(offset);
  }

  /**
   * A stretch of the log was read from its beginning to its end: what waited there and was not met is gone by retention,
   * and finished. Returns how many.
   *
   * @param met offsets that were met, with their subscriptions
   */
  forgetGone({ from, to }: Pick<Stretch, 'from' | 'to'>, met: ReadonlyMap<number, string>): number {
    const left = new Map<string, number>();
    const gone: number[] = [];
    for (let offset = from; offset < to; offset += 1) {
      if (this.owner.tracker.isFinished(offset)) continue;
      const subscription = met.get(offset) ?? this.taken.get(offset);
      if (subscription === undefined) gone.push(offset);
      else left.set(subscription, (left.get(subscription) ?? 0) + 1);
    }
    if (gone.length === 0) return 0;
    this.index.keepAtMost(from, left);
    for (const offset of gone) this.owner.tracker.finish(offset);
    return gone.length;
  }

  forgetIdleOutlets(beforeMs: number): void {
    for (const [subscription, { valve, ready }] of this.outlets) {
      if (ready.length === 0 && valve.usedAtMs < beforeMs) this.outlets.delete(subscription);
    }
  }
}
