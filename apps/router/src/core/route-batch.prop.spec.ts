import { describe, expect, it } from '@jest/globals';
import { deliveryId } from '@hookstream/domain';
import fc from 'fast-check';
import { plainRecord, subscriptionDocument } from '../../test/support/builders.js';
import { RecordingEffectLog } from '../../test/support/recording-effect-log.js';
import { routingBench } from '../../test/support/routing-bench.js';

const value = fc.oneof(
  fc
    .record({ type: fc.constantFrom('a', 'a.b', 'c'), id: fc.integer({ min: 0, max: 8 }) })
    .map((v) => JSON.stringify(v)),
  fc.constantFrom('garbage', '{}', ''),
);

describe('BatchRouter', () => {
  it('loses nothing, whichever writes fail and however the records are cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.nat(150), { maxLength: 12 }),
        async (values, batchSize, failingWrites) => {
          const failing = new Set(failingWrites);
          const effects = new RecordingEffectLog((_, write) => (failing.has(write) ? new Error('away') : 'written'));
          const { router, table } = routingBench({ effects });
          table.onSubscription(subscriptionDocument('all', ['**']));
          table.onSubscription(subscriptionDocument('a', ['a.*']));
          table.onSubscription(subscriptionDocument('off', ['**'], { active: false }));

          const records = values.map((text, offset) => plainRecord(offset, text));
          let accounted = 0;
          for (let start = 0; start < records.length; start += batchSize) {
            const batch = { topic: 'events', partition: 0, records: records.slice(start, start + batchSize) };
            const tally = await untilRouted(() => router.route(batch));
            const buried = Object.values(tally.deadLetters).reduce((sum, count) => sum + count, 0);
            accounted += tally.events + tally.repeats + buried;
          }

          expect(accounted).toBe(records.length);
          const routed = effects.routed();
          const expected = routed.flatMap(({ event }) =>
            ['sub_all' as const, ...(event.type === 'a.b' ? ['sub_a' as const] : [])].map((id) =>
              deliveryId(event.id, id),
            ),
          );
          expect(new Set(effects.deliveries().map(({ id }) => id))).toEqual(new Set(expected));
          const ids = new Set(values.flatMap((text) => (text.includes('type') ? [text.replace(/.*"id":/, '')] : [])));
          expect(new Set(routed.map(({ event }) => event.id)).size).toBe(ids.size);
          const bad = values.flatMap((text, offset) => (text.includes('type') ? [] : [offset]));
          expect(new Set(effects.deadLetters().map(({ origin }) => origin.offset))).toEqual(new Set(bad));
        },
      ),
      { numRuns: 150 },
    );
  });
});

async function untilRouted<T>(route: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await route();
    } catch {
      // Handed again, as the consumer does.
    }
  }
}
