import type { AttemptReport, ConsumedRecord, EndingReport } from '@hookstream/contracts';
import type { EventAttributes, SubscriptionId } from '@hookstream/domain';
import fc from 'fast-check';
import { rowsOfEvent, rowsOfReport, rowsOfRoutedBatch } from '../../src/core/ingest/rows-of-record.js';
import type { LogRows } from '../../src/core/ingest/log-rows.js';
import {
  aFailure,
  anAttempt,
  anEnding,
  anEvent,
  anOccurrence,
  aRouting,
  reportRecord,
  routedRecord,
  T0,
} from './records.js';

const SUBSCRIPTIONS: readonly SubscriptionId[] = ['sub_1', 'sub_2'];

/** Everything that may be reported of one event, repeats after crashes and contradicting ends included. */
const historyOfEvent = (n: number): fc.Arbitrary<LogRows[]> =>
  fc
    .record({
      occurrences: fc.integer({ min: 0, max: 3 }),
      routings: fc.integer({ min: 0, max: 3 }),
      deliveries: fc.array(
        fc.record({
          subscription: fc.constantFrom(...SUBSCRIPTIONS),
          failures: fc.integer({ min: 0, max: 4 }),
          ends: fc.array(fc.constantFrom('delivered', 'exhausted', 'dead-lettered', 'cancelled'), { maxLength: 3 }),
          replay: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
      matched: fc.subarray([...SUBSCRIPTIONS]),
    })
    .map(({ occurrences, routings, deliveries, matched }) => {
      const event = anEvent(n);
      const skipped = SUBSCRIPTIONS.filter((subscription) => !matched.includes(subscription));
      return [
        ...times(occurrences, (i) => {
          const origin = { topic: 'events', partition: 0, offset: 100 * n + i };
          const again: EventAttributes = { ...event, origin };
          return rowsOfEvent(anOccurrence(again, `{"occurrence":${i}}`), { timestamp: T0 + i });
        }),
        ...times(routings, (i) =>
          rowsOfRoutedBatch(routedRecord(aRouting(event, { matched, skipped, routedAtMs: T0 + i * 1_000 }))),
        ),
        ...deliveries.flatMap(({ subscription, failures, ends, replay }, which) => {
          const run = replay ? { run: 'rpl_1', runStartedAtMs: T0 + 500_000 } : {};
          const reports: (AttemptReport | EndingReport)[] = [
            ...times(failures, (i) =>
              aFailure(event, i + 1, { subscription, ...run, startedAtMs: T0 + i * 10_000 + which }),
            ),
            ...ends.map((state, i) =>
              state === 'delivered' || state === 'exhausted'
                ? anAttempt(event, {
                    ...{ subscription, ...run, state, number: failures + 1 },
                    startedAtMs: T0 + 50_000 + i * 7 + which,
                    outcome: state === 'delivered' ? 'success' : 'failure',
                    ...(state === 'exhausted' && { reason: 'attempts' }),
                  })
                : { ...anEnding(event, { ...run, state, atMs: T0 + 60_000 + i }), ...deliveryFor(event, subscription) },
            ),
          ];
          return reports.map((report) => rowsOfReport(reportRecord(report)));
        }),
      ];
    });

/** Several events' histories, and the same in another order with repeats, cut into batches. */
export const retoldHistories = fc.tuple(historyOfEvent(1), historyOfEvent(2), historyOfEvent(3)).chain((histories) => {
  const told = histories.flat();
  return fc.record({ told: fc.constant(told), retold: retellingOf(told), batches: fc.integer({ min: 1, max: 6 }) });
});

function retellingOf(told: readonly LogRows[]): fc.Arbitrary<LogRows[]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...told], { minLength: told.length }),
      fc.subarray([...told]),
      fc.array(fc.nat(), { maxLength: told.length }),
    )
    .map(([shuffled, repeats, places]) => {
      const retold = [...shuffled];
      repeats.forEach((repeat, i) => retold.splice((places[i] ?? 0) % (retold.length + 1), 0, repeat));
      return retold;
    });
}

export function inBatches<T>(list: readonly T[], count: number): T[][] {
  const size = Math.max(1, Math.ceil(list.length / count));
  return times(Math.ceil(list.length / size), (i) => list.slice(i * size, (i + 1) * size));
}

export function recordWith(offset: number): ConsumedRecord {
  return { ...routedRecord(), offset };
}

function deliveryFor(event: EventAttributes, subscription: SubscriptionId) {
  return { subscription, delivery: anAttempt(event, { subscription }).delivery };
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
