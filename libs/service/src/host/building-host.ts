import { topicNames, type Topics } from '@hookstream/contracts';
import { type ProducerOptions, type RecordLog, type RecordProducer } from '@hookstream/kafka';
import { BatchTransport, type BatchTransportOptions } from '../batch/batch-transport.js';
import { ConfigTable, type ConfigListener } from '../configuration/config-table.js';
import { EndpointStateTable } from '../endpoints/endpoint-state-table.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import type { FailPoint, FailPoints } from '../fail-points/fail-points.js';
import { Metrics } from '../metrics/metrics.js';
import { ReadinessRegistry } from '../readiness/readiness-registry.js';
import { type ServiceSettings } from '../settings/service-settings.js';
import { KafkaPing } from './kafka-ping.js';
import { ProducerMetrics } from './producer-metrics.js';
import { type ServiceHost } from './service-host.js';
import { ServiceLifecycle } from './service-lifecycle.js';

export interface HostParts<Settings> {
  readonly name: string;
  readonly settings: Settings;
  readonly logger: ServiceLogger;
  readonly log: RecordLog;
  readonly failPoints: FailPoints;
}

/** The host as the composition root sees it, and what `startService` needs of it. */
export class BuildingHost<Settings extends ServiceSettings> implements ServiceHost<Settings> {
  readonly name: string;
  readonly settings: Settings;
  readonly logger: ServiceLogger;
  readonly log: RecordLog;
  readonly topics: Topics;
  readonly metrics = new Metrics();
  readonly readiness = new ReadinessRegistry();
  readonly lifecycle: ServiceLifecycle;
  readonly transports: BatchTransport[] = [];
  readonly #failPoints: FailPoints;
  readonly #producers = new ProducerMetrics(this.metrics);

  constructor({ name, settings, logger, log, failPoints }: HostParts<Settings>) {
    this.name = name;
    this.settings = settings;
    this.logger = logger;
    this.log = log;
    this.#failPoints = failPoints;
    this.topics = topicNames(settings.TOPIC_PREFIX);
    this.lifecycle = new ServiceLifecycle(logger, this.readiness);
  }

  producer(options: ProducerOptions = {}): RecordProducer {
    const producer = this.log.producer({
      ...options,
      onProduce: (info) => {
        this.#producers.produced(info);
        options.onProduce?.(info);
      },
    });
    this.lifecycle.onClose('producer', () => producer.close());
    return producer;
  }

  batchTransport(options: BatchTransportOptions): BatchTransport {
    const transport = new BatchTransport(options, this);
    this.readiness.register(transport.name, () => transport.readiness());
    this.transports.push(transport);
    return transport;
  }

  configTable(...listeners: ConfigListener[]): ConfigTable {
    const table = new ConfigTable({ ...this.#tableParts(), listeners });
    const brokers = this.settings.KAFKA_BROKERS.join(',');
    this.lifecycle.onStart(
      'configuration',
      () => table.start(),
      () => table.isReady() || `has not read ${this.topics.config} to its end (Kafka at ${brokers})`,
    );
    this.lifecycle.onClose('configuration', () => table.close());
    return table;
  }

  endpointStates(): EndpointStateTable {
    const { log, logger, topics } = this;
    const table = new EndpointStateTable({ log, logger, topic: topics.endpointState });
    this.lifecycle.onStart(
      'endpoint states',
      () => table.start(),
      () => table.isReady() || `has not read ${topics.endpointState} to its end`,
    );
    this.lifecycle.onClose('endpoint states', () => table.close());
    return table;
  }

  watchKafka(): void {
    const ping = new KafkaPing(this.log.admin());
    this.readiness.register('kafka', () => ping.readiness());
    this.lifecycle.onClose('kafka', () => ping.close());
    ping.start();
  }

  failPoint(name: string): FailPoint {
    return this.#failPoints.at(name);
  }

  #tableParts() {
    const { log, logger, metrics, topics } = this;
    return { log, logger, metrics, topic: topics.config };
  }
}
