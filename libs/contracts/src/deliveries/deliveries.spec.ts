import { describe, expect, it } from '@jest/globals';
import { PoisonRecord, type EventAttributes } from '@hookstream/domain';
import type { ConsumedRecord, OutgoingRecord } from '../record.js';
import { decodeDeadLetter, encodeDeadLetter } from './dead-letter.js';
import { decodeDelivery, encodeDelivery, type Delivery } from './delivery-record.js';
import {
  decodeReport,
  decodeSettlement,
  encodeReport,
  withoutSettling,
  type DeliveryReport,
} from './delivery-report.js';
import { encodeEventAttributes } from './event-header.js';
import { decodeRoutedBatch, encodeRoutedBatch } from './routed-batch.js';

/** What the broker makes of a record that was written. */
function throughKafka(record: OutgoingRecord): ConsumedRecord {
  const headers = Object.entries(record.headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]);
  return {
    topic: record.topic,
    partition: record.partition ?? 0,
    offset: 7,
    timestamp: 1_700_000_000_000,
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value,
    headers: Object.fromEntries(headers) as Record<string, Buffer>,
  };
}

const event: EventAttributes = {
  id: 'evt_1',
  externalId: 'A-1',
  organization: 'org_default',
  type: 'invoice.submitted',
  source: '/billing',
  time: '2026-01-02T03:04:05.678Z',
  subject: 'ünïcode "quoted"',
  dataContentType: 'application/json',
  extensions: { partitionkey: 'k', __proto__x: 'y' },
  origin: { topic: 'hookstream.events', partition: 3, offset: 42 },
};

const delivery: Delivery = {
  id: 'dlv_1',
  subscription: 'sub_1',
  organization: 'org_default',
  event,
  eventBytes: encodeEventAttributes(event),
  data: Buffer.from('{"amount": 1.0}'),
  configVersion: 4,
  run: '0',
  runStartedAtMs: 1,
  attemptsInRun: 2,
  attempt: 3,
  firstSeenAtMs: 1,
  dueAtMs: 99,
  plannedAtMs: 9,
  reason: 'retry',
  hops: 5,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

describe('a delivery record', () => {
  it('is read as it was written, its data and event attributes byte for byte', () => {
    expect(decodeDelivery(throughKafka(encodeDelivery('t', delivery)))).toEqual(delivery);
  });

  it('keeps its place in the order of its subscription', () => {
    const ordered = { ...delivery, order: { key: 'invoice-7', position: 12 } };
    expect(decodeDelivery(throughKafka(encodeDelivery('t', ordered)))).toEqual(ordered);
  });

  it('keeps when its run was first sent, and what became of that', () => {
    for (const failedBy of [503, 'timeout']) {
      const retried = { ...delivery, firstSentAtMs: 5, failedBy };
      expect(decodeDelivery(throughKafka(encodeDelivery('t', retried)))).toEqual(retried);
    }
  });

  it('is keyed by its subscription, so that one partition holds all of an endpoint', () => {
    expect(encodeDelivery('t', delivery).key).toBe('sub_1');
  });

  it.each([
    ['a foreign key', { key: Buffer.from('x') }],
    ['no value', { value: null }],
    ['no headers', { headers: {} }],
    ['a header that is not JSON', { headers: { delivery: Buffer.from('{'), event: delivery.eventBytes } }],
    ['a header that lacks fields', { headers: { delivery: Buffer.from('{}'), event: delivery.eventBytes } }],
  ])('is poison with %s', (_, part) => {
    const record = { ...throughKafka(encodeDelivery('t', delivery)), ...part };
    expect(() => decodeDelivery(record)).toThrow(PoisonRecord);
  });
});

describe('a delivery report', () => {
  const standing = {
    delivery: 'dlv_1',
    organization: 'org_default',
    configVersion: 4,
    run: '0',
    state: 'retrying',
    nextAttemptAtMs: 5_000,
    firstSeenAtMs: 1,
    runStartedAtMs: 1,
    settles: { topic: 'deliveries', offset: 12 },
    subscription: 'sub_1',
    event,
    eventBytes: delivery.eventBytes,
  } as const;
  const attempt: DeliveryReport = {
    ...standing,
    kind: 'attempt',
    id: 'att_1',
    number: 1,
    startedAtMs: 10,
    durationMs: 3,
    outcome: 'failure',
    request: { url: 'http://127.0.0.1/', method: 'POST', headers: { 'webhook-id': 'dlv_1' } },
    response: { status: 503, headers: { 'content-type': 'text/plain' }, bodyTruncated: false },
    responseBody: Buffer.from([0, 255, 10]),
  };
  const ending: DeliveryReport = {
    ...standing,
    kind: 'ending',
    state: 'cancelled',
    reason: 'subscription-inactive',
    atMs: 9,
  };

  it.each([['attempt', attempt] as const, ['ending', ending] as const])(
    'of an %s is read as it was written',
    (_, report) => {
      expect(decodeReport(throughKafka(encodeReport('attempts', 5, report)))).toEqual(report);
    },
  );

  it('tells what it finishes: the attempt that was made, or none', () => {
    const settled = { topic: 'deliveries', offset: 12, delivery: 'dlv_1', run: '0', runStartedAtMs: 1 };
    const settlementOf = (report: DeliveryReport) =>
      decodeSettlement(throughKafka(encodeReport('attempts', 5, report)));
    expect(settlementOf(attempt)).toEqual({ ...settled, attempt: 1 });
    expect(settlementOf(ending)).toEqual({ ...settled, attempt: undefined });
  });

  it('finishes nothing where what has to follow was not written, and says all else', () => {
    const record = throughKafka(withoutSettling(encodeReport('attempts', 5, attempt)));
    const { settles, ...rest } = attempt;
    expect(settles).toBeDefined();
    expect(decodeReport(record)).toEqual(rest);
    expect(decodeSettlement(record)).toBeUndefined();
  });

  it('lies in the partition of the record it settles', () => {
    expect(encodeReport('attempts', 5, attempt).partition).toBe(5);
  });
});

describe('a routed batch', () => {
  it('is read as it was written', () => {
    const routed = {
      event,
      routedAtMs: 1,
      matched: [{ subscription: 'sub_1', version: 2, delivery: 'dlv_1' } as const],
      skipped: [{ subscription: 'sub_2', version: 1 } as const],
      filterErrors: [{ subscription: 'sub_3', message: 'no such field' } as const],
    };
    const record = encodeRoutedBatch('routed', { key: '1', events: [routed] });
    expect(decodeRoutedBatch(throughKafka(record))).toEqual([routed]);
  });
});

describe('a dead letter', () => {
  const record: ConsumedRecord = {
    topic: 'events',
    partition: 1,
    offset: 9,
    timestamp: 5,
    key: Buffer.from([1, 2]),
    value: Buffer.from('not json'),
    headers: { a: Buffer.from('1'), b: [Buffer.from('2'), Buffer.from('3')] },
  };
  const cause = { reason: 'undecodable', detail: 'no type', stage: 'router', atMs: 6 } as const;

  it('keeps the whole record: raw value, key, every header, and where it stood', () => {
    expect(decodeDeadLetter(throughKafka(encodeDeadLetter('dead', record, cause, 100)))).toEqual({
      ...cause,
      origin: { topic: 'events', partition: 1, offset: 9, timestampMs: 5 },
      key: 'AQI=',
      headers: [
        ['a', 'MQ=='],
        ['b', 'Mg=='],
        ['b', 'Mw=='],
      ],
      valueBytes: 8,
      value: Buffer.from('not json'),
    });
  });

  it('cuts a value above the limit and says so by its length', () => {
    const letter = decodeDeadLetter(throughKafka(encodeDeadLetter('dead', record, cause, 3)));
    expect(letter.value?.toString()).toBe('not');
    expect(letter.valueBytes).toBe(8);
  });
});
