/**
 * What was set lately, bounded by number and age without a list of either: two maps, of which the older is dropped whole when
 * the newer is full or old. Between `maxEntries` and twice as many are kept.
 */
export class RecentMap<Key, Value> {
  private newer = new Map<Key, Value>();
  private older: ReadonlyMap<Key, Value> = new Map();
  private newerSinceMs: number;

  constructor(
    private readonly bounds: { readonly maxEntries: number; readonly maxAgeMs: number },
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.newerSinceMs = nowMs();
  }

  get(key: Key): Value | undefined {
    return this.newer.get(key) ?? this.older.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.newer.size >= this.bounds.maxEntries) this.turnOver(this.newer);
    this.newer.set(key, value);
  }

  /** Forgets what is too old. To be called before a batch of questions: to look at the clock for each costs more than the answer. */
  forgetOld(): void {
    const { maxAgeMs } = this.bounds;
    const ageMs = this.nowMs() - this.newerSinceMs;
    if (ageMs >= maxAgeMs / 2) this.turnOver(ageMs < maxAgeMs ? this.newer : new Map());
  }

  private turnOver(older: ReadonlyMap<Key, Value>): void {
    this.older = older;
    this.newer = new Map();
    this.newerSinceMs = this.nowMs();
  }
}
