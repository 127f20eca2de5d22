export { connectKafka, KafkaConnection } from './kafka-connection.js';
export { type KafkaSettings, type SaslSettings } from './settings.js';
export {
  ClosedError,
  type KafkaError,
  KafkaRequestError,
  RebalancedError,
  RecordTooLargeError,
  TransientKafkaError,
} from './errors.js';
export {
  YIELD_WITHIN_MS,
  type CommittedOffset,
  type Compression,
  type ConsumerHandlers,
  type ConsumerOptions,
  type LogAdmin,
  type Logger,
  type OffsetCommit,
  type PartitionOffset,
  type ProduceInfo,
  type ProducerOptions,
  type RangeReader,
  type ReadRange,
  type RecordBatch,
  type RecordConsumer,
  type RecordLog,
  type RecordPosition,
  type RecordProducer,
  type RevocationReason,
  type StartAt,
  type StartPosition,
  type TableOptions,
  type TableReader,
  type TopicPartition,
  type TopicPartitionOffset,
  type TopicReport,
  type TopicSpec,
} from './ports.js';
// What another log behind the same ports shares with this one: who reads what, and what a member knows of its partitions.
export { type GroupMember, planGroup } from './consumer/group-plan.js';
export { Membership, type MembershipChange } from './consumer/membership.js';
export { PartitionIntake } from './consumer/partition-intake.js';
export { RunningHandlers } from './consumer/running-handlers.js';
export { startPositions } from './consumer/start-positions.js';
export { ByteBudget } from './producer/byte-budget.js';
export { partitionOfKey } from './producer/murmur2.js';
export { type PendingRecord, recordBytes } from './producer/pending-record.js';
export { RecordQueue } from './producer/record-queue.js';
export { groupByTopic, keyOf } from './topic-partitions.js';
