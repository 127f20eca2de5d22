import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type GroupMember, planGroup } from './group-plan.js';

const member = (id: string, topics: readonly string[], owned: GroupMember['owned'] = []): GroupMember => ({
  id,
  topics,
  owned,
  assignedAtMs: 1,
});
const TOPICS = ['deliveries', 'deliveries.fifo', 'fifo.hold'];
const counts = (n: number, topics = TOPICS) => new Map(topics.map((topic) => [topic, n]));

describe('the plan of a consumer group', () => {
  it('gives the same partition number of all co-partitioned topics to one member, balanced within one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 48 }), (n, partitions) => {
        const group = Array.from({ length: n }, (_, i) => member(`m${i}`, TOPICS));
        const plan = planGroup(group, counts(partitions), { coPartitioned: true });
        const sizes = [...plan.values()].map((own) => own.length / TOPICS.length);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(partitions);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const own of plan.values()) {
          for (const { partition } of own)
            expect(own.filter((one) => one.partition === partition)).toHaveLength(TOPICS.length);
        }
      }),
    );
  });

  it('leaves co-partitioned partitions with their owner when a member joins', () => {
    const before = planGroup([member('a', TOPICS)], counts(12), { coPartitioned: true });
    const after = planGroup([member('a', TOPICS, before.get('a')), member('b', TOPICS)], counts(12), {
      coPartitioned: true,
    });
    expect(after.get('a')).toHaveLength(18);
    for (const one of after.get('a') ?? []) expect(before.get('a')).toContainEqual(one);
  });

  it('spreads the single partitions of many topics when they need not go together', () => {
    const topics = Array.from({ length: 10 }, (_, i) => `source-${i}`);
    const plan = planGroup([member('a', topics), member('b', topics)], counts(1, topics), { coPartitioned: false });
    expect([...plan.values()].map((own) => own.length)).toEqual([5, 5]);
  });

  it('reads topics apart while no member subscribes to all of them', () => {
    const group = [member('a', ['deliveries']), member('b', ['deliveries.fifo'])];
    const plan = planGroup(group, counts(2, ['deliveries', 'deliveries.fifo']), { coPartitioned: true });
    expect(plan.get('a')).toEqual([0, 1].map((partition) => ({ topic: 'deliveries', partition })));
    expect(plan.get('b')).toEqual([0, 1].map((partition) => ({ topic: 'deliveries.fifo', partition })));
  });

  it('has an answer for every member, also one who gets nothing', () => {
    const plan = planGroup([member('a', TOPICS), member('b', TOPICS)], counts(1), { coPartitioned: true });
    expect([...plan.values()].map((own) => own.length).sort()).toEqual([0, 3]);
  });
});
