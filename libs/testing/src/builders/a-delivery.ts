import { encodeEventAttributes, type ConsumedRecord, type Delivery, type OutgoingRecord } from '@hookstream/contracts';
import type { EventAttributes } from '@hookstream/domain';

export function anEvent(part: Partial<EventAttributes> = {}): EventAttributes {
  return {
    id: 'evt_00000000000000000000000000000001',
    organization: 'org_default',
    type: 'invoice.submitted',
    source: 'hookstream.events',
    time: '2026-01-01T00:00:00.000Z',
    origin: { topic: 'hookstream.events', partition: 0, offset: 0 },
    ...part,
  };
}

/** A first attempt of a run, due at the epoch; `eventBytes` follows from `event`. */
export function aDelivery(part: Partial<Delivery> = {}): Delivery {
  const event = part.event ?? anEvent();
  return {
    id: 'dlv_00000000000000000000000000000001',
    subscription: 'sub_1',
    organization: event.organization,
    data: Buffer.from('{}'),
    configVersion: 1,
    run: '0',
    runStartedAtMs: 0,
    attemptsInRun: 0,
    attempt: 1,
    firstSeenAtMs: 0,
    dueAtMs: 0,
    plannedAtMs: 0,
    reason: 'new',
    hops: 0,
    ...part,
    event,
    eventBytes: encodeEventAttributes(event),
  };
}

/** The record as a consumer would read it back. */
export function asConsumed(record: OutgoingRecord, place: Partial<ConsumedRecord> = {}): ConsumedRecord {
  const headers = Object.entries(record.headers ?? {}).map(([name, value]) => [name, Buffer.from(value)] as const);
  return {
    topic: record.topic,
    partition: record.partition ?? 0,
    offset: 0,
    timestamp: 0,
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value,
    headers: Object.fromEntries(headers),
    ...place,
  };
}
