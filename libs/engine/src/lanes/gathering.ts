import type { LaneItem } from './lanes.js';

/** What goes together in one request. */
export interface BatchBounds {
  readonly maxEntries: number;
  /** Since the first of them waits. */
  readonly maxWaitMs: number;
  /** Of their data together; one that is larger goes alone. */
  readonly maxBytes: number;
}

/** Which lanes gather items, to start several at once, as one `B`. */
export interface Gathering<T extends LaneItem, B extends LaneItem> {
  /** Undefined for a lane whose items start one by one. */
  boundsOf(lane: string): BatchBounds | undefined;
  /** How many a batch may have at most that this item is in. */
  mostWith(item: T, maxEntries: number): number;
  /** What an item counts beyond its data. */
  readonly overheadBytes: number;
  /** What is started: it counts as one. */
  together(items: readonly [T, ...T[]]): B;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What waits in a lane that gathers. */
interface GatheringLane<T> {
  readonly queue: { readonly length: number; peek(): T | undefined; shift(): T | undefined };
  readonly queuedBytes: number;
  /** When its first item was seen to wait. */
  gatheringSinceMs: number | undefined;
}

/** Whether a batch is full, or its first item has waited long enough. */
export function isGathered<T extends LaneItem>(
  lane: GatheringLane<T>,
  { maxEntries, maxWaitMs, maxBytes }: BatchBounds,
  { overheadBytes, now }: Pick<Gathering<T, never>, 'overheadBytes' | 'now'>,
): boolean {
  const { length } = lane.queue;
  if (length === 0) return true;
  const nowMs = now();
  lane.gatheringSinceMs ??= nowMs;
  const isFull = length >= maxEntries || lane.queuedBytes - length * overheadBytes >= maxBytes;
  return isFull || nowMs - lane.gatheringSinceMs >= maxWaitMs;
}

/** Takes the first items of a lane that fit into one batch, one at least; none of an empty lane. */
export function takeBatch<T extends LaneItem>(
  lane: GatheringLane<T>,
  { maxEntries, maxBytes }: BatchBounds,
  { mostWith, overheadBytes }: Pick<Gathering<T, never>, 'mostWith' | 'overheadBytes'>,
): T[] {
  const items: T[] = [];
  let most = maxEntries;
  let bytes = 0;
  for (let item = lane.queue.peek(); item; item = lane.queue.peek()) {
    most = Math.min(most, mostWith(item, maxEntries));
    bytes += item.bytes - overheadBytes;
    if (items.length > 0 && (items.length >= most || bytes > maxBytes)) break;
    items.push(item);
    lane.queue.shift();
  }
  if (lane.queue.length === 0) lane.gatheringSinceMs = undefined;
  return items;
}
