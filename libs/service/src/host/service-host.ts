import { type Topics } from '@hookstream/contracts';
import { type ProducerOptions, type RecordLog, type RecordProducer } from '@hookstream/kafka';
import { type BatchTransport, type BatchTransportOptions } from '../batch/batch-transport.js';
import { type EndpointStateTable } from '../endpoints/endpoint-state-table.js';
import { type ConfigListener, type ConfigTable } from '../configuration/config-table.js';
import { type FailPoint } from '../fail-points/fail-points.js';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type Metrics } from '../metrics/metrics.js';
import { type ReadinessRegistry } from '../readiness/readiness-registry.js';
import { type ServiceSettings } from '../settings/service-settings.js';
import { type Lifecycle } from './lifecycle.js';

/** Given to a service's composition root: everything it builds its parts from. Also injectable by `SERVICE_HOST`. */
export interface ServiceHost<Settings extends ServiceSettings = ServiceSettings> {
  readonly name: string;
  readonly settings: Settings;
  readonly logger: ServiceLogger;
  readonly metrics: Metrics;
  readonly readiness: ReadinessRegistry;
  readonly lifecycle: Lifecycle;
  /** Names of all internal topics, with the prefix of the settings. */
  readonly topics: Topics;
  /** The Kafka cluster of the settings. */
  readonly log: RecordLog;
  /** A producer with metrics that is flushed and closed at the end. */
  producer(options?: ProducerOptions): RecordProducer;
  /** A consumer group under Nest; joins after every `onStart` (such as the configuration) is done. */
  batchTransport(options: BatchTransportOptions): BatchTransport;
  /** Reads `config`; registers readiness `configuration`, start and close. Once per service. */
  configTable(...listeners: ConfigListener[]): ConfigTable;
  /** Reads `endpoint-state`; registers readiness `endpoint states`, start and close. Once per service. */
  endpointStates(): EndpointStateTable;
  /** Registers readiness `kafka` by a ping every few seconds. For a service without consumer or table. */
  watchKafka(): void;
  /**
   * A step at which a test may have the process killed (`HOOKSTREAM_FAIL_POINT`), to be called whenever it is passed.
   * @param name `<service>.<step>`
   */
  failPoint(name: string): FailPoint;
}

export const SERVICE_HOST = Symbol('hookstream.service-host');
