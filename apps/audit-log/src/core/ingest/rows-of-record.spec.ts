import { describe, expect, it } from '@jest/globals';
import { PoisonRecord } from '@hookstream/domain';
import {
  aFailure,
  anAttempt,
  anEnding,
  anEvent,
  aRouting,
  reportRecord,
  routedRecord,
  T0,
} from '../../../test/support/records.js';
import { rowsOfReport, rowsOfRoutedBatch } from './rows-of-record.js';
import { completedAtMs } from './standing.js';
import { storableText, storableTexts } from './storable-text.js';

const event = anEvent(1);

describe('rows of a routed batch', () => {
  it('are a pending delivery for each match, and nothing else when all matches became one', () => {
    const { deliveries, routings } = rowsOfRoutedBatch(routedRecord(aRouting(event, { matched: ['sub_1', 'sub_2'] })));
    expect(deliveries).toMatchObject([
      { subscription: 'sub_1', createdAtMs: T0, attempts: 0, standing: { state: 'pending' } },
      { subscription: 'sub_2' },
    ]);
    expect(routings).toEqual([]);
  });

  it('say so when nothing matched, or somebody was passed over', () => {
    const nothing = rowsOfRoutedBatch(routedRecord(aRouting(event, { matched: [] })));
    expect(nothing.routings).toEqual([{ event: event.id, routedAtMs: T0, skipped: [], filterErrors: [] }]);
    const passedOver = rowsOfRoutedBatch(routedRecord(aRouting(event, { skipped: ['sub_9'] })));
    expect(passedOver.routings).toMatchObject([{ skipped: [{ subscription: 'sub_9', version: 1 }] }]);
  });
});

describe('rows of a report', () => {
  it('are a delivery that waits for its next attempt, and the attempt', () => {
    const { deliveries, attempts } = rowsOfReport(reportRecord(aFailure(event, 2)));
    expect(deliveries).toMatchObject([
      { attempts: 2, standing: { state: 'retrying', order: 2, nextAttemptAtMs: T0 + 30_000 } },
    ]);
    expect(attempts).toMatchObject([{ number: 2, outcome: 'failure', response: { status: 503 } }]);
  });

  it('end a delivery when its last attempt ended', () => {
    const report = anAttempt(event, { startedAtMs: T0 + 5, durationMs: 7.4, nextAttemptAtMs: T0 });
    const [delivery] = rowsOfReport(reportRecord(report)).deliveries;
    expect(delivery && completedAtMs(delivery.standing)).toBe(T0 + 12);
    expect(delivery?.standing.nextAttemptAtMs).toBeUndefined();
  });

  it('end a delivery without an attempt', () => {
    const { deliveries, attempts } = rowsOfReport(reportRecord(anEnding(event)));
    expect(deliveries).toMatchObject([
      { attempts: 0, standing: { state: 'cancelled', reason: 'subscription-inactive' } },
    ]);
    expect(attempts).toEqual([]);
  });

  it('bring the event of a test along, which was in no ingress topic', () => {
    const { events, deliveries } = rowsOfReport(reportRecord({ ...anAttempt(event), testData: '{"ping":1}' }));
    expect(events).toMatchObject([{ attributes: { id: event.id }, payload: Buffer.from('{"ping":1}') }]);
    expect(deliveries).toHaveLength(1);
  });

  it('are none of a record that Hookstream did not write', () => {
    expect(() => rowsOfReport({ ...reportRecord(anAttempt(event)), headers: {} })).toThrow(PoisonRecord);
  });
});

describe('storable text', () => {
  it('replaces NUL and lone surrogates, and touches nothing else', () => {
    expect(storableText('a\0b\uD800c😀')).toBe('a\uFFFDb\uFFFDc😀');
    expect(storableTexts({ 'k\0': 'v', ok: '\uDC00' })).toEqual({ 'k\uFFFD': 'v', ok: '\uFFFD' });
    const clean = { name: 'text 😀' };
    expect(storableTexts(clean)).toBe(clean);
  });
});
