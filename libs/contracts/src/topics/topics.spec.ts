import { describe, expect, it } from '@jest/globals';
import { topicNames } from './topic-names.js';
import { topicSpecs } from './topic-specs.js';

const topics = topicNames('acme.');
const specs = topicSpecs(topics, { partitions: 12, replication: 3, maxEventBytes: 1_048_576 });
const spec = (name: string) => specs.find((candidate) => candidate.name === `acme.${name}`);

describe('topics', () => {
  it('are 26 in all, each once, under the prefix', () => {
    expect(new Set(specs.map(({ name }) => name)).size).toBe(26);
    expect(specs).toHaveLength(26);
    expect(specs.every(({ name, replication }) => name.startsWith('acme.') && replication === 3)).toBe(true);
  });

  it('keyed by subscription have one and the same partition count', () => {
    const counts = specs.filter(({ key }) => key === 'subscription').map(({ name, partitions }) => [name, partitions]);
    expect(counts.filter(([name, count]) => count !== 12 && name !== 'acme.commands')).toEqual([]);
  });

  it('of delays stamp the time of appending, and keep a record a week beyond their length', () => {
    expect(spec('delay.24h')?.config).toMatchObject({
      'message.timestamp.type': 'LogAppendTime',
      'retention.ms': String(8 * 86_400_000),
    });
    expect(spec('delay.near')?.config).toMatchObject({ 'message.timestamp.type': 'LogAppendTime' });
  });

  it.each([
    ['deliveries', 7],
    ['attempts', 7],
    ['parked', 31],
    ['fifo.hold', 31],
    ['dead-letters', 30],
  ])('%s is kept %d days', (name, days) => {
    expect(spec(name)?.config['retention.ms']).toBe(String(days * 86_400_000));
  });

  it.each(['config', 'endpoint-state'])('%s is compacted', (name) => {
    expect(spec(name)?.config['cleanup.policy']).toBe('compact');
  });

  it('take the largest event and what an internal record adds to it', () => {
    expect(spec('deliveries')?.config['max.message.bytes']).toBe(String(1_048_576 + 524_288));
  });
});
