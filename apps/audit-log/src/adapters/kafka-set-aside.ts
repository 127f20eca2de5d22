import { fittingDeadLetter } from '@hookstream/contracts';
import type { RecordProducer } from '@hookstream/kafka';
import type { ServiceLogger } from '@hookstream/service';
import type { SetAside, SetAsideRecord } from '../core/ingest/log-intake.js';

export interface KafkaSetAsideParts {
  readonly producer: Pick<RecordProducer, 'sendAll'>;
  readonly deadLettersTopic: string;
  readonly maxEventBytes: number;
  readonly logger: ServiceLogger;
  readonly onSetAside: (reason: string) => void;
  readonly nowMs: () => number;
}

/** Makes dead letters of the records the log cannot keep. */
export class KafkaSetAside implements SetAside {
  constructor(private readonly parts: KafkaSetAsideParts) {}

  async setAside(records: readonly SetAsideRecord[]): Promise<void> {
    const { producer, deadLettersTopic } = this.parts;
    for (const record of records) this.tell(record);
    // A dead letter that cannot be logged would come back as another one, for ever. It stays in its topic.
    const letters = records.filter(({ record }) => record.topic !== deadLettersTopic);
    await producer.sendAll(letters.map((record) => this.letterOf(record)));
  }

  private letterOf({ record, reason, detail }: SetAsideRecord) {
    const { deadLettersTopic, maxEventBytes, nowMs } = this.parts;
    return fittingDeadLetter(
      deadLettersTopic,
      record,
      { reason, detail, stage: 'audit-log', atMs: nowMs() },
      maxEventBytes,
    );
  }

  private tell({ record: { topic, partition, offset }, reason, detail }: SetAsideRecord): void {
    this.parts.onSetAside(reason);
    const level = reason === 'defect' ? 'error' : 'warn';
    this.parts.logger[level]('a record cannot be kept in the log', { topic, partition, offset, reason, detail });
  }
}
