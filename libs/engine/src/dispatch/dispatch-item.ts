import { PoisonRecord } from '@hookstream/domain';
import { decodeDelivery, type ConsumedRecord, type Delivery } from '@hookstream/contracts';
import type { OrderedItem } from '../fifo/ordered-queue.js';
import type { DecodedRecord, TrackedItem } from '../intake/intake.js';
import type { OwnedPartition } from '../tracker/tracker-table.js';

/** What a record of `deliveries` turned out to be. */
type Work =
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'poison'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'defect'; readonly error: unknown };

/** A record with what was read from it, on its way through the lanes. */
export interface DispatchItem extends TrackedItem {
  readonly record: ConsumedRecord;
  readonly work: Work;
  readonly partition: number;
  /** Due by its own retry schedule, not because it was diverted. */
  readonly ownSchedule: boolean;
}

/** A record of `deliveries.fifo` or `fifo.hold`. */
export interface OrderedDispatchItem extends DispatchItem, OrderedItem {}

export function isOrdered(item: DispatchItem): item is OrderedDispatchItem {
  return 'queue' in item && 'position' in item;
}

/** What an item takes besides its data: attributes, objects, a place in two queues. */
export const OVERHEAD_BYTES = 2_048;

/** A test waits behind nothing, and no breaker or limit of its endpoint keeps it: somebody looks on. */
function testLaneOf(subscription: string): string {
  return `test/${subscription}`;
}

/** Reads any record. One that cannot be read goes through a lane too: its dead letter is bounded like everything else. */
export function decodeItem(record: ConsumedRecord, owner: OwnedPartition): DecodedRecord<DispatchItem> {
  const work = readWork(record);
  const bytes = (record.value?.length ?? 0) + OVERHEAD_BYTES;
  const { partition, offset } = record;
  if (work.kind !== 'delivery') {
    const lane = `unreadable/${partition}`;
    const item = { owner, offset, partition, record, work, bytes, lane, group: 'unreadable', ownSchedule: false };
    return { item };
  }
  const { id, run, attempt, hops, subscription, organization: group, reason } = work.delivery;
  const ownSchedule = reason === 'retry';
  const lane = work.delivery.test ? testLaneOf(subscription) : subscription;
  return {
    item: { owner, offset, partition, record, work, bytes, lane, group, ownSchedule },
    key: { id, run, attempt, hops },
  };
}

/**
 * Reads a record of an ordered subscription. Its place in the order is its offset in `deliveries.fifo`, written down
 * wherever it goes on to. One that cannot be read waits for nothing and holds up nothing.
 */
export function decodeOrderedItem(record: ConsumedRecord, owner: OwnedPartition): DecodedRecord<OrderedDispatchItem> {
  const { item, key } = decodeItem(record, owner);
  const { work, offset } = item;
  if (work.kind !== 'delivery') {
    const queue = `${record.topic}/${offset}`;
    return { item: { ...item, queue, position: offset, dueAtMs: 0, attempt: 0 } };
  }
  const { delivery } = work;
  const { subscription, dueAtMs, attempt } = delivery;
  const place = placeOf(delivery, offset);
  const { position } = place;
  const ordered = {
    ...item,
    work: { ...work, delivery: { ...delivery, order: place } },
    queue: `${subscription}/${place.key}`,
    ...{ position, dueAtMs, attempt },
  };
  return { item: ordered, ...(key && { key }) };
}

function placeOf({ order }: Delivery, offset: number) {
  return { key: order?.key ?? '', position: order?.position ?? offset };
}

function readWork(record: ConsumedRecord): Work {
  try {
    return { kind: 'delivery', delivery: decodeDelivery(record) };
  } catch (error) {
    if (error instanceof PoisonRecord) return { kind: 'poison', reason: error.reason, detail: error.detail };
    return { kind: 'defect', error };
  }
}
