import type { OutgoingRecord } from '@hookstream/contracts';
import { RecordTooLargeError, type RecordProducer } from '@hookstream/kafka';
import type { EffectLog } from '../core/effect-log.js';

export class KafkaEffectLog implements EffectLog {
  constructor(private readonly producer: Pick<RecordProducer, 'send'>) {}

  async write(record: OutgoingRecord): Promise<'written' | 'too-large'> {
    try {
      await this.producer.send(record);
      return 'written';
    } catch (error) {
      if (error instanceof RecordTooLargeError) return 'too-large';
      throw error;
    }
  }
}
