import { TransientKafkaError, type RecordLog } from '@hookstream/kafka';

/** A log whose consumers store no offset: as if the process were killed before each commit. */
export function refusingCommits(log: RecordLog): RecordLog {
  return {
    producer: (options) => log.producer(options),
    table: (options) => log.table(options),
    ranges: () => log.ranges(),
    admin: () => log.admin(),
    consumer: (options, handlers) => {
      const consumer = log.consumer(options, handlers);
      return {
        start: () => consumer.start(),
        close: () => consumer.close(),
        assignments: () => consumer.assignments(),
        commit: () => Promise.reject(new TransientKafkaError('killed before the commit')),
        committed: (topics) => consumer.committed(topics),
        pause: (partitions) => consumer.pause(partitions),
        resume: (partitions) => consumer.resume(partitions),
        seek: (position) => consumer.seek(position),
        setTopics: (topics) => consumer.setTopics(topics),
      };
    },
  };
}
