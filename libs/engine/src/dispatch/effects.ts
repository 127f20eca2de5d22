import { withoutSettling, type Delivery, type OutgoingRecord } from '@hookstream/contracts';
import type { OwnedPartition } from '../tracker/tracker-table.js';

/** What has to be in Kafka before a record is finished. */
export interface Effects {
  /** What goes on from here: the next attempt, a dead letter, a command. */
  readonly followUps: readonly OutgoingRecord[];
  /** What became of the record, into the partition of the same number. */
  readonly report?: OutgoingRecord;
  /** The delivery as it goes on, when one of the follow-ups is it. */
  readonly next?: Delivery;
}

/** What this record asks to be written never fits into its topic. */
export class EffectTooLarge extends Error {
  override readonly name = 'EffectTooLarge';
}

/** Where the broker has put a record; undefined where its answer does not tell. */
export interface Acknowledged {
  readonly offset: number | undefined;
}

/** Where effects go. A rejection whose error says `retryable: true` is worth another try; see also `EffectTooLarge`. */
export interface EffectPublisher {
  /** @param mayWrite asked again in the turn in which the record is written; where it says no, this rejects, retryable */
  publish(record: OutgoingRecord, mayWrite?: () => boolean): Promise<Acknowledged>;
}

export interface EffectWriterParts {
  readonly publisher: EffectPublisher;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly onRetry: (error: unknown) => void;
  /** False where this process may have been stopped, and may own nothing any more without having heard of it. */
  readonly isMember: () => boolean;
}

const DOUBT_MS = 50;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

/**
 * Writes effects in the order that loses nothing: follow-ups acknowledged, then the report acknowledged. A broker that is
 * away is tried again for as long as it takes, without another request to the endpoint. A process that was stopped writes
 * no follow-up before it knows what it still owns, nor one that lay in its producer meanwhile: the next owner has perhaps
 * brought the delivery to its end, and a follow-up would bring it once more.
 */
export class EffectWriter {
  constructor(private readonly parts: EffectWriterParts) {}

  /**
   * Of a partition that was lost only the report is written: its new owner reads the record again and writes the rest.
   * So that he does, the report then does not say that the record is finished.
   *
   * @returns where the report lies, as far as that is known
   * @throws what the publisher rejects with for good
   */
  async write({ followUps, report }: Effects, owner: OwnedPartition): Promise<number | undefined> {
    const isFinished = followUps.length === 0 || (await this.writeFollowUps(followUps, owner));
    if (!report) return undefined;
    const written = await this.untilAcknowledged(isFinished ? report : withoutSettling(report), owner);
    return written?.offset;
  }

  /** False where they were not all written, because the partition is lost. */
  private async writeFollowUps(followUps: readonly OutgoingRecord[], owner: OwnedPartition): Promise<boolean> {
    const mayWrite = () => !owner.lost && this.parts.isMember();
    const written = await Promise.all(followUps.map((record) => this.untilAcknowledged(record, owner, mayWrite)));
    return !written.includes(undefined);
  }

  /** Undefined where it was given up: the partition is lost, its new owner has nothing to wait for, and neither have we. */
  private async untilAcknowledged(
    record: OutgoingRecord,
    owner: OwnedPartition,
    mayWrite?: () => boolean,
  ): Promise<Acknowledged | undefined> {
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2)) {
      while (mayWrite && !owner.lost && !mayWrite()) await this.parts.sleep(DOUBT_MS);
      if (mayWrite && owner.lost) return undefined;
      try {
        return await this.parts.publisher.publish(record, mayWrite);
      } catch (error) {
        if (!isRetryable(error)) throw error;
        if (owner.lost) return undefined;
        this.parts.onRetry(error);
      }
      await this.parts.sleep(backoffMs);
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}
