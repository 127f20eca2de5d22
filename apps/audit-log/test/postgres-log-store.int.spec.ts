// Real: PostgreSQL. No Kafka.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptReport } from '@hookstream/contracts';
import fc from 'fast-check';
import { PostgresDeliveryCounter } from '../src/adapters/postgres-delivery-counter.js';
import { Partitions } from '../src/adapters/partitions.js';
import { PostgresLogStore } from '../src/adapters/postgres-log-store.js';
import { NO_ROWS, type LogRows } from '../src/core/ingest/log-rows.js';
import { mergeRows } from '../src/core/ingest/merge-rows.js';
import { rowsOfDeadLetter, rowsOfEvent, rowsOfReport, rowsOfRoutedBatch } from '../src/core/ingest/rows-of-record.js';
import { RowsRefused, writeUnits } from '../src/core/ingest/write-units.js';
import { inBatches, recordWith, retoldHistories } from './support/arbitrary-histories.js';
import {
  aFailure,
  anAttempt,
  anEvent,
  anOccurrence,
  aRouting,
  deadLetterRecord,
  reportRecord,
  routedRecord,
  T0,
} from './support/records.js';
import { TestLog } from './support/test-log.js';

const BEFORE_MIDNIGHT = Date.parse('2026-05-18T23:59:59.900Z');
const AFTER_MIDNIGHT = BEFORE_MIDNIGHT + 200;

let log: TestLog;
let nowMs = BEFORE_MIDNIGHT;
let store: PostgresLogStore;

beforeAll(async () => {
  log = await TestLog.create();
});
beforeEach(async () => {
  await log.clear();
  nowMs = BEFORE_MIDNIGHT;
  store = new PostgresLogStore(log.dataSource, new Partitions(log.dataSource), () => nowMs);
});
afterAll(() => log.drop());

const eventRows = (n: number, timestamp = T0) => rowsOfEvent(anOccurrence(anEvent(n)), { timestamp });

describe('the log store', () => {
  it('ends the same however reports are ordered, repeated and grouped', async () => {
    await fc.assert(
      fc.asyncProperty(retoldHistories, async ({ told, retold, batches }) => {
        await log.clear();
        await store.write(mergeRows(told));
        const expected = await log.contents();
        await log.clear();
        const other = new PostgresLogStore(log.dataSource, new Partitions(log.dataSource), () => nowMs);
        for (const batch of inBatches(retold, batches)) await other.write(mergeRows(batch));
        expect(await log.contents()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('stores what a router repeats after midnight once, in the day it was first heard of', async () => {
    const routed = (routedAtMs: number) => rowsOfRoutedBatch(routedRecord(aRouting(anEvent(1), { routedAtMs })));
    await store.write(mergeRows([eventRows(1), routed(BEFORE_MIDNIGHT)]));
    nowMs = AFTER_MIDNIGHT;
    await store.write(mergeRows([eventRows(1), routed(AFTER_MIDNIGHT)]));
    await store.write(rowsOfReport(reportRecord(anAttempt(anEvent(1), { firstSeenAtMs: AFTER_MIDNIGHT }))));

    expect(await log.query('SELECT day::text, state, created_at FROM deliveries')).toEqual([
      { day: '2026-05-18', state: 'delivered', created_at: new Date(BEFORE_MIDNIGHT) },
    ]);
    expect(await log.count('events')).toBe(1);
    expect(await log.query('SELECT day::text FROM attempts')).toEqual([{ day: '2026-05-18' }]);
  });

  it('keeps the first occurrence of an event that is produced again days later, and one attempt of each number', async () => {
    await store.write(mergeRows([eventRows(1), rowsOfReport(reportRecord(anAttempt(anEvent(1))))]));
    nowMs += 5 * 86_400_000;
    const later = anEvent(1, { time: '2026-05-23T00:00:00Z', origin: { topic: 'events', partition: 2, offset: 999 } });
    await store.write(
      mergeRows([
        rowsOfEvent(anOccurrence(later, '"other"'), { timestamp: nowMs }),
        rowsOfRoutedBatch(routedRecord(aRouting(later, { routedAtMs: nowMs }))),
        rowsOfReport(reportRecord(aFailure(later, 1, { firstSeenAtMs: nowMs, startedAtMs: nowMs }))),
      ]),
    );

    expect(await log.query('SELECT payload FROM events')).toEqual([{ payload: Buffer.from('{"amount": 1.0}') }]);
    expect(await log.query('SELECT state, event_time, attempts FROM deliveries')).toEqual([
      { state: 'delivered', event_time: '2026-05-18T09:59:59.123456Z', attempts: 1 },
    ]);
    expect(await log.query('SELECT outcome FROM attempts')).toEqual([{ outcome: 'success' }]);
  });

  it('lets two writers place the same events at once, on either side of midnight', async () => {
    const batches = (from: number) =>
      mergeRows(Array.from({ length: 300 }, (_, i) => eventRows(from + ((i * 7) % 300))));
    const late = new PostgresLogStore(log.dataSource, new Partitions(log.dataSource), () => AFTER_MIDNIGHT);
    await Promise.all([store.write(batches(0)), late.write(batches(100)), store.write(batches(50))]);
    expect(await log.count('events')).toBe(400);
    expect(await log.count('placements')).toBe(400);
  });

  it('writes more rows than a statement takes, and bodies byte for byte', async () => {
    const rows = Array.from({ length: 2_345 }, (_, n) =>
      rowsOfEvent({ attributes: anEvent(n), data: Buffer.from([0, 255, n % 256]) }, { timestamp: T0 }),
    );
    await store.write(mergeRows(rows));
    expect(await log.count('events')).toBe(2_345);
    const [row] = await log.query(`SELECT payload FROM events WHERE id = $1`, [anEvent(2_000).id]);
    expect(row?.['payload']).toEqual(Buffer.from([0, 255, 2_000 % 256]));
  });

  it('tells an empty body from none', async () => {
    const answered = anAttempt(anEvent(1), { responseBody: Buffer.alloc(0) });
    const { response: _, ...unanswered } = aFailure(anEvent(2), 1);
    await store.write(mergeRows([answered, unanswered].map((report) => rowsOfReport(reportRecord(report)))));
    expect(await log.query('SELECT response_body, response_status FROM attempts ORDER BY response_status')).toEqual([
      { response_body: Buffer.alloc(0), response_status: 200 },
      { response_body: null, response_status: null },
    ]);
  });

  it('stores texts that PostgreSQL cannot hold with a replacement character in place of what it cannot', async () => {
    const report = anAttempt(anEvent(1), {
      error: { class: 'connect', message: 'nul \0 and \uD800' },
      response: { status: 200, headers: { 'x-\0': '\0' }, bodyTruncated: false },
      reason: '\0',
    });
    await store.write(rowsOfReport(reportRecord(report)));
    expect(await log.query('SELECT error, response_headers FROM attempts')).toEqual([
      { error: { class: 'connect', message: 'nul \uFFFD and \uFFFD' }, response_headers: { 'x-\uFFFD': '\uFFFD' } },
    ]);
  });

  it('stores a subject and a producer’s id longer than an index entry may be', async () => {
    const event = anEvent(1, { subject: randomText(60_000), externalId: randomText(60_000) });
    await store.write(mergeRows([rowsOfEvent(anOccurrence(event), { timestamp: T0 })]));
    expect(await log.count('events')).toBe(1);
  });

  it('refuses rows that can never be stored, and stores all others beside them', async () => {
    const bad: LogRows = { ...NO_ROWS, ...rowsOfReport(reportRecord(anAttempt(anEvent(500), { number: 1e12 }))) };
    await expect(store.write(bad)).rejects.toBeInstanceOf(RowsRefused);

    const units = Array.from({ length: 100 }, (_, n) => ({
      record: recordWith(n),
      rows: n === 37 || n === 38 ? bad : eventRows(n),
    }));
    const refused = await writeUnits(units, store);
    expect(refused.map(({ unit }) => unit.record.offset)).toEqual([37, 38]);
    expect(await log.count('events')).toBe(98);
  });

  it('does not blame the rows when the tables are missing', async () => {
    const nowhere = await TestLog.create();
    await nowhere.query('DROP TABLE placements');
    const write = new PostgresLogStore(nowhere.dataSource, new Partitions(nowhere.dataSource)).write(eventRows(1));
    await expect(write).rejects.not.toBeInstanceOf(RowsRefused);
    await nowhere.drop();
  });

  it('keeps a dead letter once, with its raw record', async () => {
    const letter = rowsOfDeadLetter(deadLetterRecord());
    await store.write(letter);
    nowMs = AFTER_MIDNIGHT;
    await store.write(letter);
    expect(await log.query('SELECT reason, value, record_key, day::text FROM dead_letters')).toEqual([
      { reason: 'undecodable', value: Buffer.from('{not json'), record_key: 'aw==', day: '2026-05-18' },
    ]);
  });
});

describe('the counter of deliveries', () => {
  const HOUR_MS = 3_600_000;
  const count = (scope = {}, fromMs = T0 - HOUR_MS) =>
    new PostgresDeliveryCounter(log.dataSource).undelivered(scope, fromMs);
  const waiting = (scope = {}, atMost?: number) => new PostgresDeliveryCounter(log.dataSource, atMost).waiting(scope);
  const routed = (n: number, organization: 'org_default' | 'org_acme' = 'org_default') =>
    rowsOfRoutedBatch(routedRecord(aRouting(anEvent(n, { organization }))));
  const told = (report: AttemptReport) => rowsOfReport(reportRecord(report));

  it('counts what is not delivered by state, and what waits with its oldest due time, in one organization or in all', async () => {
    await store.write(
      mergeRows([
        ...[routed(1), routed(2), routed(3, 'org_acme')],
        ...[
          told(anAttempt(anEvent(1))),
          told(aFailure(anEvent(4), 1)),
          told(aFailure(anEvent(5), 1, { subscription: 'sub_2' })),
        ],
        told(anAttempt(anEvent(6), { state: 'exhausted', reason: 'attempts' })),
      ]),
    );
    const none = { pending: 0, retrying: 0, exhausted: 0, 'dead-lettered': 0, cancelled: 0, complete: true };
    expect(await count()).toEqual({ ...none, pending: 2, retrying: 2, exhausted: 1 });
    expect(await count({ organization: 'org_acme' })).toEqual({ ...none, pending: 1 });
    expect(await count({ subscription: 'sub_2' })).toEqual({ ...none, retrying: 1 });
    expect(await count({}, T0 + HOUR_MS)).toEqual(none);
    expect(await waiting()).toEqual({ count: 4, complete: true, oldestDueAtMs: T0 });
    expect(await waiting({ subscription: 'sub_2' })).toEqual({ count: 1, complete: true, oldestDueAtMs: T0 + 20_000 });
    expect(await waiting({ organization: 'org_nobody' })).toEqual({ count: 0, complete: true, oldestDueAtMs: null });
  });

  it('stops at a bound, and says so', async () => {
    await store.write(mergeRows([1, 2, 3].map((n) => routed(n))));
    expect(await waiting({ organization: 'org_default' }, 2)).toEqual({ count: 2, complete: false, oldestDueAtMs: T0 });
    expect(await waiting({}, 3)).toMatchObject({ count: 3, complete: true });
    const counter = new PostgresDeliveryCounter(log.dataSource, 2);
    expect(await counter.undelivered({}, T0 - HOUR_MS)).toMatchObject({ complete: false });
  });
});

describe('day partitions', () => {
  it('are dropped when they are past keeping, with all that is known of their events', async () => {
    const partitions = new Partitions(log.dataSource);
    await store.write(mergeRows([eventRows(1), rowsOfReport(reportRecord(anAttempt(anEvent(1))))]));
    nowMs = AFTER_MIDNIGHT;
    await store.write(eventRows(2));

    expect(await partitions.dropExpired('2026-06-17', 30)).toEqual([]);
    expect(await partitions.dropExpired('2026-06-18', 30)).toEqual(['2026-05-18']);
    expect(await log.query('SELECT id FROM events')).toEqual([{ id: anEvent(2).id }]);
    expect(await log.count('deliveries')).toBe(0);
    expect(await log.query('SELECT id FROM placements')).toEqual([{ id: anEvent(2).id }]);
  });

  it('are made anew by a writer that finds its own gone', async () => {
    await store.write(eventRows(1));
    const other = new Partitions(log.dataSource);
    await other.dropExpired('2027-01-01', 30);
    await store.write(eventRows(2));
    expect(await log.count('events')).toBe(1);
  });

  it('are made once by replicas that start together', async () => {
    const days = ['2026-07-01', '2026-07-02'];
    await Promise.all([1, 2, 3].map(() => new Partitions(log.dataSource).ensure(days)));
    await expect(new Partitions(log.dataSource).ensure(days)).resolves.toBeUndefined();
  });
});

function randomText(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('');
}
