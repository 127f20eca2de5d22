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
import { type KafkaSettings } from './settings.js';

/** A Kafka cluster as a log. Opens no socket by itself: each producer, consumer, reader and admin has its own. */
export class KafkaConnection implements RecordLog {
  constructor(readonly settings: KafkaSettings) {}

  producer(options: ProducerOptions = {}): RecordProducer {
    throw new Error(`not yet: ${JSON.stringify(options)}`);
  }

  consumer(options: ConsumerOptions, handlers: ConsumerHandlers): RecordConsumer {
    throw new Error(`not yet: ${options.groupId} ${typeof handlers}`);
  }

  table(options: TableOptions): TableReader {
    throw new Error(`not yet: ${options.topic}`);
  }

  ranges(): RangeReader {
    throw new Error('not yet');
  }

  admin(): LogAdmin {
    throw new Error('not yet');
  }
}

export function connectKafka(settings: KafkaSettings): KafkaConnection {
  return new KafkaConnection(settings);
}
