import type { TrackedOffsets } from '../tracker/tracked-offsets.js';
import type { TopicPartition } from '../tracker/tracker-table.js';
import type { Dispatcher } from './dispatcher.js';
import type { Fence } from './fence.js';
import type { Recovery } from './recovery.js';

export interface OwnershipParts {
  readonly dispatcher: Pick<Dispatcher, 'assigned' | 'lose' | 'rebalancing' | 'idle' | 'confirmed'>;
  readonly offsets: Pick<TrackedOffsets, 'assign' | 'flush'>;
  readonly recovery: Pick<Recovery, 'recover'>;
  readonly fence: Pick<Fence, 'heartbeat'>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/**
 * A member that gives a partition away to another that joins has requests under way. What they come to within this time is
 * in the reports when they are read, and not repeated. No longer, for the partition stands still meanwhile.
 */
const HANDOVER_MS = 500;

/** Most endpoints answer within it. A failed attempt that is cut off is made again: its follow-up is the next owner's to write. */
const SETTLE_MS = 500;

/** What has to be done when partitions come and go, as a consumer group tells of it. */
export class Ownership {
  constructor(private readonly parts: OwnershipParts) {}

  /** Resolves when it is known what the former owners have done: only then may records come. */
  async assigned(gained: readonly TopicPartition[]): Promise<void> {
    const { recovery, offsets, dispatcher, sleep } = this.parts;
    await sleep(HANDOVER_MS);
    const owned = await offsets.assign(gained);
    await dispatcher.assigned(owned);
    await recovery.recover(owned);
  }

  /** @param reason `leaving`: they are still this member's, and what it commits now counts */
  async revoked(lost: readonly TopicPartition[], reason: 'leaving' | 'lost'): Promise<void> {
    if (reason === 'leaving') await this.parts.offsets.flush();
    for (const at of lost) this.parts.dispatcher.lose(at);
  }

  /**
   * Some partitions are about to go to others, when this resolves: what is under way comes to its end and is committed
   * while that still counts, so that the next owner neither repeats it nor has to find it in the reports.
   */
  async rebalancing(): Promise<void> {
    const { dispatcher, offsets, sleep } = this.parts;
    dispatcher.rebalancing();
    await Promise.race([dispatcher.idle(), sleep(SETTLE_MS)]);
    await offsets.flush();
  }

  /** The membership was confirmed, asked for at this monotonic time. */
  heartbeat(sentAtMs: number): void {
    this.parts.fence.heartbeat(sentAtMs);
    this.parts.dispatcher.confirmed();
  }
}
