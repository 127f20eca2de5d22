import { endpointBar, type ConsumedRecord, type Delivery, type EndpointBar } from '@hookstream/contracts';
import { isPaused, limitsOf, resumedAtMsOf } from '../dispatch/subscription-table.js';
import type { Outlet, ParkedPartition, ReadyRecord } from './parked-partition.js';
import type { ParkedParts } from './parked-ports.js';

/** Records in memory on their way back. */
const MAX_RECORDS = 8_192;
const MAX_BYTES = 32 * 1_048_576;
const MAX_PER_SUBSCRIPTION = 600;
/** What goes back to all endpoints together: this many times what goes to one. */
const AT_FULL_PACE = 4;
const BURST_MS = 250;

/** A record that goes now. */
export interface Going extends ReadyRecord {
  readonly partition: ParkedPartition;
}

/** The few parked records that are in memory, and when they may go: bounded over all subscriptions, who take turns. */
export class Outflow {
  private records = 0;
  private bytes = 0;
  private allowance = 0;
  private pickedAtMs: number;
  private turn = 0;

  constructor(private readonly parts: Pick<ParkedParts, 'endpoint' | 'subscription' | 'mostPerSecond' | 'now'>) {
    this.pickedAtMs = parts.now();
  }

  get size(): number {
    return this.records;
  }

  isFull(): boolean {
    return this.records >= MAX_RECORDS || this.bytes >= MAX_BYTES;
  }

  /** More of this subscription that may be read into memory. */
  room(partition: ParkedPartition, subscription: string, nowMs: number): number {
    if (this.isFull() || this.isPaused(subscription)) return 0;
    const { valve, ready } = this.outlet(partition, subscription, nowMs);
    return valve.room(this.barOf(subscription, nowMs), MAX_PER_SUBSCRIPTION, nowMs) - ready.length;
  }

  add(partition: ParkedPartition, record: ConsumedRecord, delivery: Delivery, nowMs: number): void {
    this.outlet(partition, delivery.subscription, nowMs).ready.push({ record, delivery });
    partition.take(record.offset, delivery.subscription);
    this.records += 1;
    this.bytes += delivery.data.length;
  }

  /** Takes out what may go now. What may not any more, because its endpoint has failed again, is left to the log. */
  pick(partitions: Iterable<ParkedPartition>): Going[] {
    const nowMs = this.parts.now();
    const stepMs = Math.max(0, nowMs - this.pickedAtMs);
    this.pickedAtMs = nowMs;
    const perSecond = AT_FULL_PACE * this.parts.mostPerSecond;
    this.allowance = Math.min((perSecond * BURST_MS) / 1_000, this.allowance + (perSecond * stepMs) / 1_000);
    const going: Going[] = [];
    for (const [partition, subscription, outlet] of this.inTurn(partitions)) {
      const left = Math.floor(this.allowance) - going.length;
      if (left <= 0) break;
      for (const ready of this.pass(partition, subscription, outlet, left, nowMs)) going.push({ partition, ...ready });
    }
    this.allowance -= going.length;
    return going;
  }

  forget(partition: ParkedPartition): void {
    for (const { ready } of partition.outlets.values()) this.takeOut(ready, ready.length);
  }

  private outlet(partition: ParkedPartition, subscription: string, nowMs: number): Outlet {
    const { perSecond = Infinity } = limitsOf(this.parts.subscription(subscription));
    return partition.outlet(subscription, Math.min(perSecond, this.parts.mostPerSecond), nowMs);
  }

  private inTurn(partitions: Iterable<ParkedPartition>): (readonly [ParkedPartition, string, Outlet])[] {
    const waiting: (readonly [ParkedPartition, string, Outlet])[] = [];
    for (const partition of partitions) {
      for (const [subscription, outlet] of partition.outlets) {
        if (outlet.ready.length > 0) waiting.push([partition, subscription, outlet]);
      }
    }
    this.turn = waiting.length === 0 ? 0 : (this.turn + 1) % waiting.length;
    return [...waiting.slice(this.turn), ...waiting.slice(0, this.turn)];
  }

  private pass(
    partition: ParkedPartition,
    subscription: string,
    { valve, ready }: Outlet,
    most: number,
    nowMs: number,
  ): ReadyRecord[] {
    const bar = this.barOf(subscription, nowMs);
    const isPaused = this.isPaused(subscription);
    const allowed = isPaused ? 0 : Math.min(most, valve.allows(bar, nowMs));
    const passed = this.takeOut(ready, allowed);
    if (passed.length > 0) valve.took(passed.length, bar, nowMs);
    if (bar || isPaused) {
      for (const { record } of this.takeOut(ready, ready.length)) partition.putBack(record.offset);
    }
    return passed;
  }

  private takeOut(ready: ReadyRecord[], count: number): ReadyRecord[] {
    const taken = ready.splice(0, count);
    this.records -= taken.length;
    for (const { delivery } of taken) this.bytes -= delivery.data.length;
    return taken;
  }

  private isPaused(subscription: string): boolean {
    return isPaused(this.parts.subscription(subscription));
  }

  private barOf(subscription: string, nowMs: number): EndpointBar | undefined {
    const resumedAtMs = resumedAtMsOf(this.parts.subscription(subscription));
    return endpointBar(this.parts.endpoint(subscription), resumedAtMs, nowMs);
  }
}
