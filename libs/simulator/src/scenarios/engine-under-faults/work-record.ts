import { type ConsumedRecord, type OutgoingRecord } from '@hookstream/contracts';
import { deliveryId, type DeliveryId } from '@hookstream/domain';
import { type DecodedRecord, type OwnedPartition, type TrackedItem } from '@hookstream/engine';

export const DELIVERIES = 'deliveries';
export const ATTEMPTS = 'attempts';

/** A delivery as far as the engine sees it. Its number is the event's; id and lane follow. */
export interface Work {
  readonly event: number;
  readonly subscription: number;
  readonly attempt: number;
}

export interface WorkItem extends TrackedItem {
  readonly work: Work;
  readonly record: ConsumedRecord;
}

function idOfWork({ event, subscription }: Work): DeliveryId {
  return deliveryId(`evt_${event}`, `sub_${subscription}`);
}

export const nameOfWork = ({ event, subscription }: Work) => `${event}>${subscription}`;

export function encodeWork(work: Work): OutgoingRecord {
  const { event, subscription, attempt } = work;
  const value = Buffer.from(`${event} ${subscription} ${attempt}`);
  return { topic: DELIVERIES, key: `sub_${subscription}`, value };
}

export function decodeWork(record: ConsumedRecord, owner: OwnedPartition): DecodedRecord<WorkItem> {
  const [event = 0, subscription = 0, attempt = 0] = String(record.value).split(' ').map(Number);
  const work = { event, subscription, attempt };
  const item = { owner, offset: record.offset, lane: `sub_${subscription}`, group: 'org', bytes: 1_000, work, record };
  return { item, key: { id: idOfWork(work), run: '0', attempt, hops: 0 } };
}

export type WorkState = 'delivered' | 'exhausted' | 'retrying';

/** Into the partition of the same number, as the log of attempts is read on assignment. */
export function encodeOutcome(work: Work, state: WorkState, { partition }: ConsumedRecord): OutgoingRecord {
  return { topic: ATTEMPTS, partition, key: null, value: Buffer.from(`${nameOfWork(work)} ${work.attempt} ${state}`) };
}

export function decodeOutcome({ value }: ConsumedRecord): { readonly name: string; readonly state: string } {
  const [name = '', , state = ''] = String(value).split(' ');
  return { name, state };
}
