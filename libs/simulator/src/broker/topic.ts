import { type TopicSpec } from '@hookstream/kafka';
import { PartitionLog } from './partition-log.js';

export class Topic {
  readonly partitions: readonly PartitionLog[];
  readonly config: Map<string, string>;

  constructor(readonly spec: TopicSpec) {
    this.partitions = Array.from({ length: spec.partitions }, (_, partition) => new PartitionLog(spec.name, partition));
    this.config = new Map(Object.entries(spec.config));
  }

  get maxRecordBytes(): number {
    return Number(this.config.get('max.message.bytes') ?? 1_048_588);
  }

  get hasAppendTime(): boolean {
    return this.config.get('message.timestamp.type') === 'LogAppendTime';
  }
}
