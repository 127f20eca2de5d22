import type { OutgoingRecord } from '@hookstream/contracts';
import { EffectTooLarge, type Acknowledged, type EffectPublisher } from '@hookstream/engine';
import { RecordTooLargeError, type RecordProducer } from '@hookstream/kafka';

export class KafkaEffectPublisher implements EffectPublisher {
  constructor(private readonly producer: Pick<RecordProducer, 'send'>) {}

  async publish(record: OutgoingRecord): Promise<Acknowledged> {
    try {
      return await this.producer.send(record);
    } catch (error) {
      if (error instanceof RecordTooLargeError) throw new EffectTooLarge(error.message, { cause: error });
      throw error;
    }
  }
}
