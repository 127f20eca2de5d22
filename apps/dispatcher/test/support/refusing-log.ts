import type { OutgoingRecord } from '@hookstream/contracts';
import { RebalancedError, TransientKafkaError, type ProducerOptions, type RecordLog } from '@hookstream/kafka';

/** A real log whose producers fail, as with a broker that is away, where a test says so. */
export function refusingLog(log: RecordLog, refuses: (record: OutgoingRecord) => boolean): RecordLog {
  return {
    producer: (options?: ProducerOptions) => {
      const producer = log.producer(options);
      return {
        start: () => producer.start(),
        send: (record) =>
          refuses(record)
            ? Promise.reject(new TransientKafkaError('the broker is away, says the test'))
            : producer.send(record),
        sendAll: (records) => producer.sendAll(records),
        flush: () => producer.flush(),
        close: () => producer.close(),
      };
    },
    consumer: (options, handlers) => log.consumer(options, handlers),
    table: (options) => log.table(options),
    ranges: () => log.ranges(),
    admin: () => log.admin(),
  };
}

/** A real log whose consumers commit nothing where a test says so: what a killed process leaves behind. */
export function uncommittingLog(log: RecordLog, refuses: () => boolean): RecordLog {
  return {
    producer: (options) => log.producer(options),
    consumer: (options, handlers) => {
      const consumer = log.consumer(options, handlers);
      const commit = consumer.commit.bind(consumer);
      consumer.commit = (offsets) =>
        refuses() ? Promise.reject(new RebalancedError('killed, says the test')) : commit(offsets);
      return consumer;
    },
    table: (options) => log.table(options),
    ranges: () => log.ranges(),
    admin: () => log.admin(),
  };
}
