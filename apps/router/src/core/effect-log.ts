import type { OutgoingRecord } from '@hookstream/contracts';

/** Where effects are written. */
export interface EffectLog {
  /** Resolves when the record is acknowledged, or can never be because of its size. Rejects when it should be tried again. */
  write(record: OutgoingRecord): Promise<'written' | 'too-large'>;
}

export interface Effect {
  readonly record: OutgoingRecord;
  /** What to write instead. Without it a record that is too large fails the batch. */
  readonly ifTooLarge?: () => OutgoingRecord;
  /** Must not come before an ordered effect that was added earlier, not even where that one has to be tried again. */
  readonly ordered?: boolean;
}

/** Effects under way at once: bounds the records in memory when one event has very many subscriptions. */
const MAX_PENDING = 2_000;
const MAX_PENDING_BYTES = 16 * 1_048_576;

/**
 * Writes the effects of one batch, many at once. Ordered ones are handed to the log in one go, and the next ones only
 * after it has all of these: when one fails, none behind it has been written.
 */
export class EffectWriter {
  private pending: Promise<void>[] = [];
  private ordered: Effect[] = [];
  private pendingBytes = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(private readonly log: EffectLog) {}

  /** Resolves when there is room for more; rejects as `settled` does. */
  async add(effect: Effect): Promise<void> {
    if (effect.ordered) this.ordered.push(effect);
    else this.pending.push(this.write(effect));
    this.pendingBytes += effect.record.value?.length ?? 0;
    if (this.pending.length + this.ordered.length >= MAX_PENDING || this.pendingBytes >= MAX_PENDING_BYTES)
      await this.settled();
  }

  /** Resolves when all is acknowledged; rejects when something is not, after all has settled. */
  async settled(): Promise<void> {
    const ordered = this.failure ? [] : this.ordered;
    this.ordered = [];
    for (const effect of ordered) this.pending.push(this.write(effect));
    await Promise.all(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    if (this.failure) throw this.failure.error;
  }

  /** Never rejects: nobody may be waiting yet. */
  private async write({ record, ifTooLarge }: Effect): Promise<void> {
    try {
      if ((await this.log.write(record)) === 'written') return;
      const instead = ifTooLarge?.();
      if (instead && (await this.log.write(instead)) === 'written') return;
      const { topic } = instead ?? record;
      throw new Error(`a record for ${topic} is above the topic's max.message.bytes: raise it`);
    } catch (error) {
      this.failure ??= { error };
    }
  }
}
