import { type EachBatchPayload } from 'kafkajs';
import { consumedRecord } from '../client/consumed-record.js';
import { messageOf } from '../client/error-mapping.js';
import { type ConsumerHandlers, type Logger, type RecordBatch, type TopicPartition } from '../ports.js';
import { within } from '../signal.js';
import { type Membership } from './membership.js';
import { type PartitionFlow } from './partition-flow.js';
import { type PartitionIntake } from './partition-intake.js';
import { type RunningHandlers } from './running-handlers.js';

const LONGEST_BACKOFF_MS = 5_000;

export interface HandoverContext {
  readonly membership: Membership;
  readonly flow: PartitionFlow;
  readonly handlers: ConsumerHandlers;
  readonly running: RunningHandlers;
  readonly logger: Logger;
  readonly isPaused: (partition: TopicPartition) => boolean;
  readonly detachAfterMs: (topic: string) => number;
  readonly retryBackoffMs: number;
  /** Resolves when the next fetch may be sent. */
  readonly pace: () => Promise<unknown>;
}

/** Hands fetched batches to the handler and moves the position on when it is done. */
export class BatchHandover {
  constructor(readonly context: HandoverContext) {}

  /** The `eachBatch` of kafkajs. Never throws: a throw would make it start all partitions over. */
  async handOver(payload: EachBatchPayload): Promise<void> {
    const { batch: fetched } = payload;
    const { membership, flow, isPaused, detachAfterMs } = this.context;
    const intake = membership.find(fetched);
    if (intake === undefined || intake.isHeld || isPaused(intake)) return;

    const lastOffset = Number(fetched.lastOffset());
    const highWatermark = Number(fetched.highWatermark);
    const all = fetched.messages.map((message) => consumedRecord(fetched.topic, fetched.partition, message));
    const seen = intake.alreadyHandedOver({ offsets: all.map(({ offset }) => offset), highWatermark });
    const records = all.slice(seen);
    const firstOffset = seen === 0 ? Number(fetched.firstOffset()) : (records[0]?.offset ?? lastOffset);
    if (records.length === 0) {
      payload.resolveOffset(fetched.lastOffset());
      return;
    }

    const { topic, partition } = fetched;
    const outcome = this.#run(intake, { topic, partition, records, highWatermark, firstOffset, lastOffset });
    const inTime = await within(detachAfterMs(topic), outcome);
    if (inTime === undefined) {
      // kafkajs would fetch nothing more from this broker, for any partition, until the handler is done.
      intake.hold('running-alone');
      flow.apply(intake);
      void outcome.then(() => {
        this.#rejoinOthers(intake);
      });
    } else if (inTime === 'done' && membership.holds(intake) && !payload.isStale()) {
      payload.resolveOffset(fetched.lastOffset());
    }
    // kafkajs fetches again when all that came together has been handed over.
    await this.context.pace();
  }

  #run(intake: PartitionIntake, batch: RecordBatch): Promise<'done' | 'failed'> {
    const advance = intake.beginHandover();
    const work = this.#attempt(intake, batch, advance);
    this.context.running.track(intake, work);
    return work;
  }

  async #attempt(
    intake: PartitionIntake,
    batch: RecordBatch,
    advance: (nextOffset: number) => boolean,
  ): Promise<'done' | 'failed'> {
    try {
      await this.context.handlers.onBatch(batch);
      intake.failures = 0;
      return advance(batch.lastOffset + 1) ? 'done' : 'failed';
    } catch (error) {
      this.#backOff(intake, batch, error);
      return 'failed';
    }
  }

  #backOff(intake: PartitionIntake, { topic, partition, firstOffset }: RecordBatch, error: unknown): void {
    const { logger, flow, retryBackoffMs } = this.context;
    const backoffMs = Math.min(retryBackoffMs * 2 ** intake.failures, LONGEST_BACKOFF_MS);
    intake.failures += 1;
    logger.warn('A batch was not handled and will be handed over again', {
      topic,
      partition,
      firstOffset,
      failures: intake.failures,
      backoffMs,
      error: messageOf(error),
    });
    intake.hold('backing-off');
    flow.apply(intake);
    setTimeout(() => {
      intake.release('backing-off');
      if (this.context.membership.holds(intake)) flow.apply(intake);
    }, backoffMs);
  }

  #rejoinOthers(intake: PartitionIntake): void {
    const { membership, flow } = this.context;
    intake.release('running-alone');
    if (!membership.holds(intake)) return;
    flow.seekToPosition(intake);
    flow.apply(intake);
  }
}
