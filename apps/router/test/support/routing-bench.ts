import { setImmediate } from 'node:timers/promises';
import { BatchRouter, type BatchRouterParts } from '../../src/core/route-batch.js';
import { IngressSources, type EndpointState } from '@hookstream/contracts';
import { PartitionMemories } from '../../src/core/partition-memory.js';
import { RoutingTable } from '../../src/core/routing-table.js';
import { RecordingEffectLog } from './recording-effect-log.js';

export const NOW_MS = 1_700_000_100_000;

/** A router over a log in memory; `table` and `sources` are its configuration. */
export function routingBench(more: Partial<BatchRouterParts> = {}) {
  const table = new RoutingTable();
  const sources = new IngressSources('events');
  const memories = new PartitionMemories();
  const effects = new RecordingEffectLog();
  const endpoints = new Map<string, EndpointState>();
  const defects: unknown[] = [];
  const router = new BatchRouter({
    topics: {
      deliveries: 'deliveries',
      deliveriesFifo: 'deliveries.fifo',
      parked: 'parked',
      routed: 'routed',
      deadLetters: 'dead-letters',
    },
    configuration: {
      match: (event) => table.match(event),
      filtersOf: (subscription) => table.filtersOf(subscription),
      resolveOrganization: (name) => table.resolveOrganization(name),
      mappingOf: (topic) => sources.mappingOf(topic),
      violations: (event) => table.violations(event),
    },
    endpoint: (subscription) => endpoints.get(subscription),
    effects,
    memories,
    maxEventBytes: 1_000,
    nowMs: () => NOW_MS,
    yieldToOthers: () => setImmediate(),
    onDefect: (error) => defects.push(error),
    ...more,
  });
  return { router, table, sources, memories, endpoints, effects, defects };
}
