import {
  type ConsumerHandlers,
  type ConsumerOptions,
  type PartitionIntake,
  type RunningHandlers,
} from '@hookstream/kafka';
import { type Stretch } from '../broker/partition-log.js';
import { type Clock } from '../clock/clock.js';

const LONGEST_BACKOFF_MS = 5_000;

export interface HandoverParts {
  readonly clock: Clock;
  readonly options: ConsumerOptions;
  readonly handlers: ConsumerHandlers;
  readonly running: RunningHandlers;
  /** The partition may be fetched again. */
  readonly released: () => void;
}

/** Hands a fetched stretch to the handler and moves the position on when it is done. Resolves then, or after `detachAfterMs`. */
export async function handOver(parts: HandoverParts, intake: PartitionIntake, stretch: Stretch): Promise<void> {
  const { clock, options, handlers, running, released } = parts;
  const { topic, partition } = intake;
  const { firstOffset, lastOffset } = stretch;
  const { detachAfterMs = 100 } = options;
  const advance = intake.beginHandover();
  if (stretch.records.length === 0) {
    handlers.onSkipped?.({ topic, partition, firstOffset, lastOffset });
    advance(lastOffset + 1);
    return;
  }
  const work = attempt(parts, intake, async () => {
    await handlers.onBatch({ topic, partition, ...stretch });
    advance(lastOffset + 1);
  });
  running.track(intake, work);
  await Promise.race([work, detach()]);

  function detach(): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.setTimeout(
        () => {
          intake.hold('running-alone');
          void work.then(() => {
            intake.release('running-alone');
            released();
          });
          resolve();
        },
        typeof detachAfterMs === 'function' ? detachAfterMs(topic) : detachAfterMs,
      );
      void work.then(() => {
        clock.clearTimeout(timer);
      });
    });
  }
}

/** Never rejects: what throws is handed over again after a back-off. */
async function attempt(
  { clock, options, released }: HandoverParts,
  intake: PartitionIntake,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
    intake.failures = 0;
  } catch {
    const backoffMs = Math.min((options.retryBackoffMs ?? 250) * 2 ** intake.failures, LONGEST_BACKOFF_MS);
    intake.failures += 1;
    intake.hold('backing-off');
    clock.setTimeout(() => {
      intake.release('backing-off');
      released();
    }, backoffMs);
  }
}
