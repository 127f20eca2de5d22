import type { OutgoingRecord } from '@hookstream/contracts';
import { TransientKafkaError, type ProducerOptions, type RecordLog } from '@hookstream/kafka';

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
