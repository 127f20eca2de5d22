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
    this.turnOver();
    return this.newer.get(key) ?? this.older.get(key);
  }

  set(key: Key, value: Value): void {
    this.turnOver();
    this.newer.set(key, value);
  }

  private turnOver(): void {
    const { maxEntries, maxAgeMs } = this.bounds;
    const ageMs = this.nowMs() - this.newerSinceMs;
    if (this.newer.size < maxEntries && ageMs < maxAgeMs / 2) return;
    this.older = ageMs < maxAgeMs ? this.newer : new Map();
    this.newer = new Map();
    this.newerSinceMs = this.nowMs();
  }
}
