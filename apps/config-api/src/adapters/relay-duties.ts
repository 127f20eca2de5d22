import { setTimeout as delay } from 'node:timers/promises';
import { type TopicContents } from './kafka/topic-contents.js';
import { type Reconciliation } from './postgres/reconciler.js';

export interface RelayDutiesParts {
  readonly contents: TopicContents;
  readonly outbox: {
    publish(): Promise<void>;
    /** Has documents published as they are. */
    again(ids: readonly string[]): Promise<void>;
    /** Marks what was deleted so long ago that nothing needs to know of it any more. */
    bury(): Promise<void>;
    /** How many are marked, and since when the oldest change waits, in milliseconds since the epoch. */
    waiting(): Promise<{ readonly documents: number; readonly oldestChangeMs: number | null }>;
  };
  readonly reconcile: (signal: AbortSignal) => Promise<Reconciliation>;
  /** First offsets of the topic by partition. */
  readonly startOffsets: () => Promise<ReadonlyMap<number, number>>;
  readonly reconcileEveryMs: number;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly observer: RelayObserver;
  readonly pollMs?: number;
}

export interface RelayObserver {
  onWaiting(waiting: { readonly documents: number; readonly oldestChangeMs: number | null }): void;
  onReconciled(result: Reconciliation, durationMs: number): void;
}

const POLL_MS = 1_000;
const WATCH_TOPIC_EVERY_MS = 5_000;
const BURY_EVERY_MS = 3_600_000;

/**
 * What the leading replica does beside what every writer does for itself: it publishes what a writer could not, what an
 * older version was written over, and what the topic has lost.
 */
export class RelayDuties {
  private watchedAtMs = -Infinity;
  private buriedAtMs = -Infinity;
  private reconciledAtMs = -Infinity;

  constructor(private readonly parts: RelayDutiesParts) {}

  /** Until the signal. @throws when it cannot: another replica may be able to reach what this one cannot */
  async lead(signal: AbortSignal): Promise<void> {
    this.reconciledAtMs = -Infinity;
    while (!signal.aborted) {
      await this.round(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      // Only the signal ends the pause early, and the loop's condition sees it.
      await delay(this.parts.pollMs ?? POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    const { contents, outbox, observer, nowMs } = this.parts;
    const overtaken = contents.takeOvertaken();
    if (overtaken.length > 0) await outbox.again(overtaken);
    if (nowMs() - this.buriedAtMs >= BURY_EVERY_MS) {
      await outbox.bury();
      this.buriedAtMs = nowMs();
    }
    observer.onWaiting(await outbox.waiting());
    await outbox.publish();
    if (await this.isToReconcile()) await this.reconcile(signal);
  }

  private async isToReconcile(): Promise<boolean> {
    const { contents, nowMs, reconcileEveryMs } = this.parts;
    if (contents.takeLoss()) return true;
    if (nowMs() - this.reconciledAtMs >= reconcileEveryMs) return true;
    if (nowMs() - this.watchedAtMs < WATCH_TOPIC_EVERY_MS) return false;
    this.watchedAtMs = nowMs();
    let lost = 0;
    for (const [partition, offset] of await this.parts.startOffsets()) lost += contents.forgetBelow(partition, offset);
    return lost > 0;
  }

  private async reconcile(signal: AbortSignal): Promise<void> {
    const startedAtMs = this.parts.nowMs();
    // Until it has come to its end, it is still to be done.
    this.reconciledAtMs = -Infinity;
    const result = await this.parts.reconcile(signal);
    this.reconciledAtMs = this.parts.nowMs();
    this.parts.observer.onReconciled(result, this.reconciledAtMs - startedAtMs);
    await this.parts.outbox.publish();
  }
}
