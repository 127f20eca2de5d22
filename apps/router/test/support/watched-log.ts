import type { OutgoingRecord } from '@hookstream/contracts';
import {
  TransientKafkaError,
  type ConsumerHandlers,
  type ConsumerOptions,
  type OffsetCommit,
  type ProducerOptions,
  type RecordConsumer,
  type RecordLog,
  type RecordPosition,
  type RecordProducer,
} from '@hookstream/kafka';

export interface LogWatch {
  /** Awaited before a record is sent; a throw is the broker's refusal. */
  readonly beforeSend?: (record: OutgoingRecord) => Promise<void> | void;
  readonly onAcknowledged?: (record: OutgoingRecord) => void;
  readonly onCommit?: (offsets: readonly OffsetCommit[]) => void;
}

/** A real log that lets a test see, hold and fail what passes. */
export function watchedLog(log: RecordLog, watch: LogWatch): RecordLog {
  return {
    producer: (options?: ProducerOptions) => watchedProducer(log.producer(options), watch),
    consumer: (options: ConsumerOptions, handlers: ConsumerHandlers) =>
      watchedConsumer(log.consumer(options, handlers), watch),
    table: (options) => log.table(options),
    ranges: () => log.ranges(),
    admin: () => log.admin(),
  };
}

export function brokerAway(): TransientKafkaError {
  return new TransientKafkaError('the broker is away, says the test');
}

function watchedProducer(producer: RecordProducer, watch: LogWatch): RecordProducer {
  const send = async (record: OutgoingRecord): Promise<RecordPosition> => {
    await watch.beforeSend?.(record);
    const position = await producer.send(record);
    watch.onAcknowledged?.(record);
    return position;
  };
  return {
    start: () => producer.start(),
    send,
    sendAll: async (records) => void (await Promise.all(records.map(send))),
    flush: () => producer.flush(),
    close: () => producer.close(),
  };
}

function watchedConsumer(consumer: RecordConsumer, watch: LogWatch): RecordConsumer {
  return {
    start: () => consumer.start(),
    close: () => consumer.close(),
    assignments: () => consumer.assignments(),
    commit: (offsets) => {
      watch.onCommit?.(offsets);
      return consumer.commit(offsets);
    },
    committed: (topics) => consumer.committed(topics),
    pause: (partitions) => {
      consumer.pause(partitions);
    },
    resume: (partitions) => {
      consumer.resume(partitions);
    },
    seek: (position) => {
      consumer.seek(position);
    },
    setTopics: (topics) => consumer.setTopics(topics),
  };
}
