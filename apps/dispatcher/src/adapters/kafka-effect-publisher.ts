import type { OutgoingRecord } from '@hookstream/contracts';
import { EffectTooLarge, type Acknowledged, type EffectPublisher } from '@hookstream/engine';
import { RecordTooLargeError, type RecordProducer } from '@hookstream/kafka';

export class KafkaEffectPublisher implements EffectPublisher {
  /** @param acknowledged told the topic of each record that Kafka has taken */
  constructor(
    private readonly producer: Pick<RecordProducer, 'send'>,
    private readonly acknowledged: (topic: string) => void,
  ) {}

  async publish(record: OutgoingRecord, mayWrite?: () => boolean): Promise<Acknowledged> {
    try {
      const position = await this.producer.send(record, mayWrite);
      this.acknowledged(record.topic);
      return position;
    } catch (error) {
      if (error instanceof RecordTooLargeError) throw new EffectTooLarge(error.message, { cause: error });
      throw error;
    }
  }
}
