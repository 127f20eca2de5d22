import { setTimeout as sleep } from 'node:timers/promises';
import {
  fittingDeadLetter,
  type ConsumedRecord,
  type DeadLetterCause,
  type OutgoingRecord,
} from '@hookstream/contracts';
import type { RecordProducer } from '@hookstream/kafka';
import type { ServiceLogger } from '@hookstream/service';
import type { RecordMover } from '../core/retry-scheduler.js';

const RETRY_MS = 1_000;

export class KafkaRecordMover implements RecordMover {
  constructor(
    private readonly producer: RecordProducer,
    private readonly deadLettersTopic: string,
    private readonly maxValueBytes: number,
    private readonly logger: ServiceLogger,
    private readonly now: () => number,
  ) {}

  move(records: readonly OutgoingRecord[]): Promise<void> {
    return this.producer.sendAll(records);
  }

  async bury(record: ConsumedRecord, { reason, detail }: Pick<DeadLetterCause, 'reason' | 'detail'>): Promise<void> {
    const { topic, partition, offset } = record;
    this.logger.warn('a record of a delay topic cannot be read', { topic, partition, offset, reason, detail });
    const cause = { reason, detail, stage: 'retry-scheduler', atMs: this.now() } as const;
    const letter = fittingDeadLetter(this.deadLettersTopic, record, cause, this.maxValueBytes);
    for (;;) {
      try {
        await this.producer.send(letter);
        return;
      } catch (error) {
        this.logger.warn('a dead letter was not written; trying again', { error });
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }
}
