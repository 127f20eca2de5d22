import type { OutgoingRecord } from '@hookstream/contracts';
import { RecordTooLargeError, type RecordProducer } from '@hookstream/kafka';
import type { FailPoint } from '@hookstream/service';
import type { EffectLog } from '../core/effect-log.js';

export interface EffectProducers {
  readonly unordered: Pick<RecordProducer, 'send'>;
  readonly ordered: Pick<RecordProducer, 'send'>;
  /** Whether the order of a topic's records counts. */
  readonly isOrdered: (topic: string) => boolean;
}

export class KafkaEffectLog implements EffectLog {
  /** @param acknowledged passed after each record: some effects of a batch are in Kafka then, others are not */
  constructor(
    private readonly producers: EffectProducers,
    private readonly acknowledged: FailPoint,
  ) {}

  async write(record: OutgoingRecord): Promise<'written' | 'too-large'> {
    try {
      const { unordered, ordered, isOrdered } = this.producers;
      await (isOrdered(record.topic) ? ordered : unordered).send(record);
      this.acknowledged();
      return 'written';
    } catch (error) {
      if (error instanceof RecordTooLargeError) return 'too-large';
      throw error;
    }
  }
}
