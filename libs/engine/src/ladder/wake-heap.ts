interface Sleeper<T> {
  readonly wakeAtMs: number;
  readonly item: T;
}

/** Items by the time at which they wake: a binary heap, the earliest on top. */
export class WakeHeap<T> {
  private readonly heap: Sleeper<T>[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** When the earliest wakes, in milliseconds since the epoch; `undefined` when all have. */
  get nextWakeAtMs(): number | undefined {
    return this.heap[0]?.wakeAtMs;
  }

  push(wakeAtMs: number, item: T): void {
    this.heap.push({ wakeAtMs, item });
    this.siftUp(this.heap.length - 1);
  }

  /** Takes out everything that wakes at or before `nowMs`, earliest first, at most `limit` items. */
  popUntil(nowMs: number, limit: number): T[] {
    const awake: T[] = [];
    for (let top = this.heap[0]; top && top.wakeAtMs <= nowMs && awake.length < limit; top = this.heap[0]) {
      awake.push(top.item);
      this.removeTop();
    }
    return awake;
  }

  /** Drops what no longer counts, of a lost partition say. Linear. */
  retain(keep: (item: T) => boolean): void {
    const kept = this.heap.filter(({ item }) => keep(item));
    this.heap.length = 0;
    for (const { wakeAtMs, item } of kept) this.push(wakeAtMs, item);
  }

  private removeTop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown(0);
  }

  private wakeAt(index: number): number {
    return this.heap[index]?.wakeAtMs ?? Number.POSITIVE_INFINITY;
  }

  private swap(a: number, b: number): void {
    const [itemA, itemB] = [this.heap[a], this.heap[b]];
    if (itemA === undefined || itemB === undefined) return;
    this.heap[a] = itemB;
    this.heap[b] = itemA;
  }

  private siftUp(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.wakeAt(parent) <= this.wakeAt(index)) return;
      this.swap(parent, index);
      index = parent;
    }
  }

  private siftDown(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const earlier = this.wakeAt(left + 1) < this.wakeAt(left) ? left + 1 : left;
      if (this.wakeAt(earlier) >= this.wakeAt(index)) return;
      this.swap(earlier, index);
      index = earlier;
    }
  }
}
