/** Records of one subscription within a stretch. */
interface Waiters {
  count: number;
  /** Of their runs; a former one's until the stretch is renewed. Milliseconds since the epoch. */
  oldestRunStartedAtMs: number;
}

/** Offsets that are read together. */
export interface Stretch {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly waiters: Map<string, Waiters>;
  /** When its newest record was appended; milliseconds since the epoch. */
  newestAtMs: number;
}

const FIRST_SPAN = 1_024;
/** Subscriptions counted over all stretches: some 2 MB. */
const MAX_ENTRIES = 20_000;
const MIN_STRETCHES = 8;

/**
 * Tells where in a partition records of a subscription wait, without keeping any: by stretches of offsets, which become
 * coarser where too many subscriptions have records in too many of them. A million records of one subscription are a
 * thousand entries.
 */
export class WaitingIndex {
  private stretches = new Map<number, Stretch>();
  private readonly counts = new Map<string, number>();
  private span = FIRST_SPAN;
  private entries = 0;
  private total = 0;

  constructor(private readonly maxEntries: number = MAX_ENTRIES) {}

  /** Records that wait. */
  get size(): number {
    return this.total;
  }

  get first(): Stretch | undefined {
    for (const stretch of this.stretches.values()) return stretch;
    return undefined;
  }

  subscriptions(): IterableIterator<string> {
    return this.counts.keys();
  }

  countOf(subscription: string): number {
    return this.counts.get(subscription) ?? 0;
  }

  /** Lowest offsets first. */
  values(): IterableIterator<Stretch> {
    return this.stretches.values();
  }

  /** The first offset of the stretch that an offset belongs to. */
  stretchStart(offset: number): number {
    return Math.floor(offset / this.span) * this.span;
  }

  /** Offsets come in rising order. */
  add(offset: number, subscription: string, runStartedAtMs: number, appendedAtMs: number): void {
    const stretch = this.stretchFor(offset, appendedAtMs);
    stretch.newestAtMs = Math.max(stretch.newestAtMs, appendedAtMs);
    this.count(stretch, subscription, 1, runStartedAtMs);
    this.counts.set(subscription, this.countOf(subscription) + 1);
    this.total += 1;
    while (this.entries > this.maxEntries && this.stretches.size > MIN_STRETCHES) this.coarsen();
  }

  remove(offset: number, subscription: string): void {
    const number = Math.floor(offset / this.span);
    const stretch = this.stretches.get(number);
    const waiters = stretch?.waiters.get(subscription);
    if (!stretch || !waiters) return;
    waiters.count -= 1;
    if (waiters.count === 0) {
      stretch.waiters.delete(subscription);
      this.entries -= 1;
    }
    if (stretch.waiters.size === 0) this.stretches.delete(number);
    const left = this.countOf(subscription) - 1;
    if (left > 0) this.counts.set(subscription, left);
    else this.counts.delete(subscription);
    this.total -= 1;
  }

  /** Records of a stretch that are no longer in the log: those of each subscription beyond so many are not counted any more. */
  keepAtMost(from: number, left: ReadonlyMap<string, number>): void {
    const stretch = this.stretches.get(Math.floor(from / this.span));
    if (stretch?.from !== from) return;
    for (const [subscription, { count }] of [...stretch.waiters]) {
      for (let gone = count - (left.get(subscription) ?? 0); gone > 0; gone -= 1) this.remove(from, subscription);
    }
  }

  /** A stretch was read to its end: how old the runs are that wait there still. */
  renew(from: number, oldest: ReadonlyMap<string, number>): void {
    const stretch = this.stretches.get(Math.floor(from / this.span));
    if (stretch?.from !== from) return;
    for (const [subscription, waiters] of stretch.waiters) {
      waiters.oldestRunStartedAtMs = oldest.get(subscription) ?? waiters.oldestRunStartedAtMs;
    }
  }

  private stretchFor(offset: number, appendedAtMs: number): Stretch {
    const number = Math.floor(offset / this.span);
    const known = this.stretches.get(number);
    if (known) return known;
    const from = number * this.span;
    const fresh = { from, to: from + this.span, waiters: new Map<string, Waiters>(), newestAtMs: appendedAtMs };
    this.stretches.set(number, fresh);
    return fresh;
  }

  private count({ waiters }: Stretch, subscription: string, added: number, runStartedAtMs: number): void {
    const known = waiters.get(subscription);
    if (known) {
      known.count += added;
      known.oldestRunStartedAtMs = Math.min(known.oldestRunStartedAtMs, runStartedAtMs);
      return;
    }
    waiters.set(subscription, { count: added, oldestRunStartedAtMs: runStartedAtMs });
    this.entries += 1;
  }

  /** Joins neighbours, two and two. */
  private coarsen(): void {
    const fine = this.stretches;
    this.stretches = new Map();
    this.span *= 2;
    this.entries = 0;
    for (const { from, newestAtMs, waiters } of fine.values()) {
      const stretch = this.stretchFor(from, newestAtMs);
      stretch.newestAtMs = Math.max(stretch.newestAtMs, newestAtMs);
      for (const [subscription, { count, oldestRunStartedAtMs }] of waiters) {
        this.count(stretch, subscription, count, oldestRunStartedAtMs);
      }
    }
  }
}
