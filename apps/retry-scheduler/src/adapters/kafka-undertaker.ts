import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeReport,
  fittingDeadLetter,
  type ConsumedRecord,
  type DeadLetterCause,
  type Delivery,
  type OutgoingRecord,
  type Topics,
} from '@hookstream/contracts';
import { endingReport, type Undertaker } from '@hookstream/engine';
import type { RecordProducer } from '@hookstream/kafka';
import type { ServiceLogger } from '@hookstream/service';

const RETRY_MS = 1_000;

export interface KafkaUndertakerParts {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly topics: Pick<Topics, 'deadLetters' | 'attempts'>;
  /** A dead letter's raw value is cut here. */
  readonly maxValueBytes: number;
  readonly logger: ServiceLogger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Writes what can never go on to the dead letters: first the letter, then the report that the delivery has ended. */
export class KafkaUndertaker implements Undertaker {
  constructor(private readonly parts: KafkaUndertakerParts) {}

  async bury(
    record: ConsumedRecord,
    { reason, detail }: Pick<DeadLetterCause, 'reason' | 'detail'>,
    delivery?: Delivery,
  ): Promise<void> {
    const { topics, maxValueBytes, logger, now } = this.parts;
    const { topic, partition, offset } = record;
    logger.warn('a waiting record became a dead letter', { topic, partition, offset, reason, detail });
    const atMs = now();
    const cause = { ...aboutOf(delivery), reason, detail, stage: 'retry-scheduler', atMs } as const;
    await this.write(fittingDeadLetter(topics.deadLetters, record, cause, maxValueBytes));
    if (!delivery) return;
    const ending = { state: 'dead-lettered', reason, atMs } as const;
    await this.write(encodeReport(topics.attempts, partition, endingReport(delivery, record, ending)));
  }

  private async write(record: OutgoingRecord): Promise<void> {
    for (;;) {
      try {
        await this.parts.producer.send(record);
        return;
      } catch (error) {
        this.parts.logger.warn('a dead letter was not written; trying again', { error });
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }
}

function aboutOf(delivery: Delivery | undefined) {
  if (!delivery) return {};
  const { organization, event, id, subscription } = delivery;
  return { organization, event: event.id, delivery: id, subscription };
}
