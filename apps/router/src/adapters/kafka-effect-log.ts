import type { OutgoingRecord } from '@hookstream/contracts';
import { RecordTooLargeError, type RecordProducer } from '@hookstream/kafka';
import type { FailPoint } from '@hookstream/service';
import type { EffectLog } from '../core/effect-log.js';

export class KafkaEffectLog implements EffectLog {
  /** @param acknowledged passed after each record: some effects of a batch are in Kafka then, others are not */
  constructor(
    private readonly producer: Pick<RecordProducer, 'send'>,
    private readonly acknowledged: FailPoint,
  ) {}

  async write(record: OutgoingRecord): Promise<'written' | 'too-large'> {
    try {
      await this.producer.send(record);
      this.acknowledged();
      return 'written';
    } catch (error) {
      if (error instanceof RecordTooLargeError) return 'too-large';
      throw error;
    }
  }
}
