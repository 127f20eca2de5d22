import { setImmediate } from 'node:timers/promises';
import { Module, type DynamicModule } from '@nestjs/common';
import { INTERNAL_OVERHEAD_BYTES, IngressSources } from '@hookstream/contracts';
import { sourceListener, type ServiceHost } from '@hookstream/service';
import { INGRESS, IngressController } from './adapters/ingress.controller.js';
import { KafkaEffectLog } from './adapters/kafka-effect-log.js';
import { RouterMetrics } from './adapters/router-metrics.js';
import type { Settings } from './config.js';
import { PartitionMemories } from './core/partition-memory.js';
import { BatchRouter } from './core/route-batch.js';
import { RoutingTable } from './core/routing-table.js';

/** What one fetch brings: what is made of it is gone before the garbage collector has copied it often. */
const FETCH_BYTES = 2_097_152;
const FETCH_BYTES_PER_PARTITION = 524_288;
/**
 * A record that comes to a router at rest is fetched at once. Under a steady load fetches of two or three records each cost
 * router and broker most of their time, and so all others the processor.
 */
const FETCH_EVERY_MS = 16;
/** What is routed of one fetch comes in one turn of the event loop; waiting longer brings no more company. */
const LINGER_MS = 0;

@Module({})
export class RouterModule {
  static of(host: ServiceHost<Settings>): DynamicModule {
    const { topics, settings, logger, metrics } = host;
    const table = new RoutingTable();
    const sources = new IngressSources(topics.events);
    const memories = new PartitionMemories();
    const maxRecordBytes = settings.MAX_EVENT_BYTES + INTERNAL_OVERHEAD_BYTES;
    const producers = {
      unordered: host.producer({ maxRecordBytes, lingerMs: LINGER_MS }),
      ordered: host.producer({ maxRecordBytes, ordered: true }),
      isOrdered: (topic: string) => topic === topics.deliveriesFifo,
    };
    const endpoints = host.endpointStates();
    const router = new BatchRouter({
      topics,
      memories,
      configuration: {
        match: (event) => table.match(event),
        filtersOf: (subscription) => table.filtersOf(subscription),
        resolveOrganization: (name) => table.resolveOrganization(name),
        violations: (event) => table.violations(event),
        mappingOf: (topic) => sources.mappingOf(topic),
      },
      endpoint: (subscription) => endpoints.get(subscription),
      effects: new KafkaEffectLog(producers, host.failPoint('router.effect-acknowledged')),
      maxEventBytes: settings.MAX_EVENT_BYTES,
      nowMs: Date.now,
      yieldToOthers: () => setImmediate(),
      onDefect: (error, { topic, partition, offset }) => {
        logger.error('an error of ours: the record is a dead letter', { error, topic, partition, offset });
      },
    });
    // Joins when the configuration has been read to its end: before, every event would match nothing.
    const transport = host.batchTransport({
      groupId: `${settings.TOPIC_PREFIX}router`,
      topics: { [INGRESS]: sources.topics() },
      startAt: ({ topic, partition }) => sources.startOf(topic, partition),
      commit: 'after-handler',
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      fetchEveryMs: FETCH_EVERY_MS,
      listener: { onRevoked: (lost) => memories.forget(lost) },
    });
    host.configTable(
      table,
      sourceListener(sources, (wanted) => transport.setTopics(INGRESS, wanted), logger),
    );
    return {
      module: RouterModule,
      controllers: [IngressController],
      providers: [
        { provide: BatchRouter, useValue: router },
        { provide: RouterMetrics, useValue: new RouterMetrics(metrics) },
      ],
    };
  }
}
