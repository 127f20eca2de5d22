import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OutcomeRow } from '../ingest/log-rows.js';
import { foldOutcomes, type EndpointHealth, type HealthHour } from './endpoint-health.js';

const T0 = Date.parse('2026-05-18T10:00:00Z');
const SUBSCRIPTIONS = ['sub_a', 'sub_b', 'sub_c'] as const;

const outcomes: fc.Arbitrary<OutcomeRow[]> = fc
  .array(fc.record({ of: fc.nat(2), fails: fc.boolean(), tookMs: fc.nat(40_000), laterMs: fc.nat(3_000_000) }))
  .map((told) =>
    told.map(({ of, fails, tookMs, laterMs }, offset) => ({
      subscription: SUBSCRIPTIONS[of] ?? 'sub_a',
      organization: 'org_default',
      configVersion: 1,
      offset,
      recordTimestampMs: T0 + offset,
      endedAtMs: T0 + offset * 1_000_000 + laterMs,
      durationMs: tookMs,
      ...(fails && { failure: 'HTTP 503' }),
    })),
  );

/** What a database would hold. */
class Kept {
  readonly healths = new Map<string, EndpointHealth>();
  private readonly hours = new Map<string, HealthHour[]>();

  take(batch: readonly OutcomeRow[]): void {
    const folded = foldOutcomes(this.healths, batch);
    for (const health of folded.healths) this.healths.set(health.subscription, health);
    for (const hour of folded.hours) {
      const key = `${hour.subscription} ${hour.hourMs}`;
      this.hours.set(key, [...(this.hours.get(key) ?? []), hour]);
    }
  }

  counts(): Map<string, readonly number[]> {
    return new Map(
      [...this.hours].map(([key, parts]) => {
        const sum = (of: (hour: HealthHour) => number) => parts.reduce((total, part) => total + of(part), 0);
        return [
          key,
          [sum((h) => h.successes), sum((h) => h.failures), sum((h) => h.latencies.reduce((a, b) => a + b))],
        ];
      }),
    );
  }
}

describe('the health of endpoints', () => {
  it('counts every attempt once, wherever a reader dies and begins again', () => {
    fc.assert(
      fc.property(outcomes, fc.array(fc.record({ from: fc.nat(50), count: fc.nat(20) })), (log, reads) => {
        const once = new Kept();
        once.take(log);
        const retold = new Kept();
        let committed = 0;
        for (const { from, count } of reads) {
          // A reader begins where somebody committed, at the end at most.
          const begin = Math.min(from, committed);
          retold.take(log.slice(begin, begin + count));
          committed = Math.max(committed, Math.min(begin + count, log.length));
        }
        retold.take(log.slice(committed));
        expect(retold.healths).toEqual(once.healths);
        expect(retold.counts()).toEqual(once.counts());
      }),
    );
  });

  it('fails since the first failure after the last success', () => {
    fc.assert(
      fc.property(outcomes, (log) => {
        const kept = new Kept();
        kept.take(log);
        for (const subscription of SUBSCRIPTIONS) {
          const own = log.filter((outcome) => outcome.subscription === subscription);
          const sinceSuccess = own.slice(own.findLastIndex(({ failure }) => failure === undefined) + 1);
          expect(kept.healths.get(subscription)?.failingSinceMs ?? null).toBe(sinceSuccess[0]?.endedAtMs ?? null);
          expect(kept.healths.get(subscription)?.failures ?? 0).toBe(sinceSuccess.length);
        }
      }),
    );
  });

  it('goes on when the topic was made anew and its offsets begin at 0', () => {
    const kept = new Kept();
    const outcome = {
      subscription: 'sub_a',
      organization: 'org_default',
      configVersion: 1,
      endedAtMs: T0,
      durationMs: 5,
    };
    kept.take([{ ...outcome, subscription: 'sub_a', offset: 900, recordTimestampMs: T0 }]);
    const anew = {
      ...outcome,
      subscription: 'sub_a' as const,
      offset: 0,
      recordTimestampMs: T0 + 1,
      failure: 'HTTP 500',
    };
    kept.take([anew]);
    kept.take([anew]);
    expect(kept.healths.get('sub_a')).toMatchObject({ offset: 0, failures: 1 });
  });
});
