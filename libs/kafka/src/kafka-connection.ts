import { TopicAdmin } from './admin/topic-admin.js';
import { KafkaClients } from './client/kafka-clients.js';
import { BatchConsumer } from './consumer/batch-consumer.js';
import {
  type ConsumerHandlers,
  type ConsumerOptions,
  type LogAdmin,
  type ProducerOptions,
  type RangeReader,
  type RecordConsumer,
  type RecordLog,
  type RecordProducer,
  type TableOptions,
  type TableReader,
} from './ports.js';
import { BatchingProducer } from './producer/batching-producer.js';
import { CompactedTableReader } from './reader/compacted-table-reader.js';
import { PartitionRangeReader } from './reader/partition-range-reader.js';
import { type KafkaSettings } from './settings.js';

/** A Kafka cluster as a log. Opens no socket by itself: each producer, consumer, reader and admin has its own. */
export class KafkaConnection implements RecordLog {
  readonly #clients: KafkaClients;

  constructor(readonly settings: KafkaSettings) {
    this.#clients = new KafkaClients(settings);
  }

  producer(options: ProducerOptions = {}): RecordProducer {
    return new BatchingProducer(this.#clients, this.settings.logger, options);
  }

  consumer(options: ConsumerOptions, handlers: ConsumerHandlers): RecordConsumer {
    return new BatchConsumer(this.#clients, this.admin(), this.settings.logger, options, handlers);
  }

  table(options: TableOptions): TableReader {
    return new CompactedTableReader(this.#clients, this.settings.logger, options);
  }

  ranges(): RangeReader {
    return new PartitionRangeReader(this.#clients, this.settings.logger);
  }

  admin(): LogAdmin {
    return new TopicAdmin(this.#clients);
  }
}

export function connectKafka(settings: KafkaSettings): KafkaConnection {
  return new KafkaConnection(settings);
}
