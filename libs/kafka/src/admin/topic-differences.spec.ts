import { describe, expect, it } from '@jest/globals';
import { describeSetting, topicDifferences } from './topic-differences.js';

const spec = { name: 't', partitions: 12, replication: 2, config: { 'retention.ms': '1000' } };
const config = new Map([
  ['retention.ms', '1000'],
  ['cleanup.policy', 'delete'],
]);

describe('the differences of a topic', () => {
  it('are none when what is wanted is in force, whatever else is set', () => {
    expect(topicDifferences(spec, { partitions: 12, replication: 3, config })).toEqual({ shape: [], settings: [] });
  });

  it('tell partitions, replicas and settings apart', () => {
    const { shape, settings } = topicDifferences(
      { ...spec, config: { 'retention.ms': '2000', 'no.such': 'x' } },
      { partitions: 6, replication: 1, config },
    );
    expect(shape).toEqual(['has 6 partitions, 12 are wanted', 'is replicated 1 times, 2 are wanted']);
    expect(settings.map(describeSetting)).toEqual([
      'retention.ms is 1000, 2000 is wanted',
      'no.such is not known to the broker, x is wanted',
    ]);
  });
});
