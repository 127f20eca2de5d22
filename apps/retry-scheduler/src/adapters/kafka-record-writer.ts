import type { OutgoingRecord } from '@hookstream/contracts';
import type { RecordWriter, Written } from '@hookstream/engine';
import { RecordTooLargeError, type RecordProducer } from '@hookstream/kafka';

/** Writes many records at once, and tells of each by itself what became of it. */
export class KafkaRecordWriter implements RecordWriter {
  constructor(private readonly producer: Pick<RecordProducer, 'send'>) {}

  write(records: readonly OutgoingRecord[]): Promise<readonly Written[]> {
    return Promise.all(records.map((record) => this.writeOne(record)));
  }

  private async writeOne(record: OutgoingRecord): Promise<Written> {
    try {
      await this.producer.send(record);
      return { kind: 'written' };
    } catch (error) {
      if (error instanceof RecordTooLargeError) return { kind: 'too-large', detail: error.message };
      return { kind: 'refused', error };
    }
  }
}
