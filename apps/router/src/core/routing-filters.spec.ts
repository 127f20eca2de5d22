import { describe, expect, it } from '@jest/globals';
import type { Filter } from '@hookstream/domain';
import { plainRecord, subscriptionDocument } from '../../test/support/builders.js';
import { routingBench } from '../../test/support/routing-bench.js';

const filtering = (name: string, filters: readonly Filter[], active = true) =>
  subscriptionDocument(name, ['**'], { active }, undefined, filters);

async function route(bench: ReturnType<typeof routingBench>, value: string) {
  const records = [plainRecord(0, value)];
  return bench.router.route({ topic: 'events', partition: 0, records });
}

describe('filters in the router', () => {
  it('keep away what they do not let through, and count it', async () => {
    const bench = routingBench();
    bench.table.onSubscription(filtering('yes', [{ cel: 'data.amount > 10' }]));
    bench.table.onSubscription(filtering('no', [{ cel: 'data.amount > 100' }]));
    bench.table.onSubscription(filtering('inactive', [{ cel: 'data.amount > 10' }], false));
    bench.table.onSubscription(filtering('inactive-no', [{ cel: 'data.amount > 100' }], false));
    const tally = await route(bench, '{"type":"a","data":{"amount":50}}');
    expect(tally).toMatchObject({ matched: 1, filtered: 2, skipped: 1, filterErrors: 0 });
    expect(bench.effects.deliveries().map(({ subscription }) => subscription)).toEqual(['sub_yes']);
  });

  it('that cannot be evaluated are no match, and the log is told why', async () => {
    const bench = routingBench();
    bench.table.onSubscription(filtering('broken', [{ not: { cel: 'data.missing > 1' } }]));
    const tally = await route(bench, '{"type":"a","data":{}}');
    expect(tally).toMatchObject({ matched: 0, filterErrors: 1, unmatched: 1 });
    const [routed] = bench.effects.routed();
    expect(routed?.filterErrors).toEqual([{ subscription: 'sub_broken', message: expect.stringContaining('missing') }]);
  });

  it('see the data as it was produced, but do not read what none of them asks for', async () => {
    const bench = routingBench();
    bench.table.onSubscription(filtering('type', [{ exact: { type: 'a' } }]));
    const record = { ...plainRecord(0, 'no JSON'), headers: binary('application/json') };
    await bench.router.route({ topic: 'events', partition: 0, records: [record] });
    expect(bench.effects.deliveries()).toHaveLength(1);
    bench.table.onSubscription(filtering('type', [{ cel: 'data == 1' }]));
    await bench.router.route({ topic: 'events', partition: 1, records: [{ ...record, partition: 1 }] });
    expect(bench.effects.routed()[1]?.filterErrors).toMatchObject([{ message: 'the data is not JSON' }]);
  });

  it('are those of the newest version', async () => {
    const bench = routingBench();
    bench.table.onSubscription(filtering('a', [{ exact: { type: 'b' } }]));
    bench.table.onSubscription({ ...subscriptionDocument('a', ['**'], { version: 2 }) });
    expect(await route(bench, '{"type":"a"}')).toMatchObject({ matched: 1 });
    bench.table.onSubscription(filtering('a', [{ exact: { type: 'b' } }]));
    bench.table.onForgotten('sub_a');
    bench.table.onSubscription(subscriptionDocument('a', ['**']));
    const again = { topic: 'events', partition: 0, records: [plainRecord(1, '{"type":"a"}')] };
    expect(await bench.router.route(again)).toMatchObject({ matched: 1 });
  });

  it('have their errors told in records that are small enough, however many there are', async () => {
    const bench = routingBench();
    const names = Array.from({ length: 9_000 }, (_, index) => `broken${index}`);
    for (const name of names) bench.table.onSubscription(filtering(name, [{ cel: 'data.missing_by_a_long_name > 1' }]));
    await route(bench, '{"type":"a","data":{}}');
    const told = bench.effects.routed().flatMap(({ filterErrors }) => filterErrors);
    expect(new Set(told.map(({ subscription }) => subscription)).size).toBe(names.length);
    for (const { value } of bench.effects.of('routed')) expect(value?.length).toBeLessThan(1_000_000);
  }, 60_000);
});

function binary(contentType: string) {
  const headers = { ce_specversion: '1.0', ce_id: '1', ce_source: '/s', ce_type: 'a', 'content-type': contentType };
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));
}
