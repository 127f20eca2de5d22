const COMPACT_FROM = 256;

/** A queue with O(1) ends. An array's own `shift` moves every element. */
export class Fifo<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** Puts one before all others. Rare: linear where nothing was ever taken out. */
  unshift(item: T): void {
    if (this.head === 0) {
      this.items.unshift(item);
      return;
    }
    this.head -= 1;
    this.items[this.head] = item;
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head += 1;
    if (this.head >= COMPACT_FROM && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes out and returns everything behind the first `keep` items. */
  cut(keep: number): T[] {
    const rest: T[] = [];
    for (const item of this.items.splice(this.head + Math.max(0, keep))) if (item !== undefined) rest.push(item);
    return rest;
  }

  /** Takes out and returns what matches; the rest keeps its order. */
  extract(matches: (item: T) => boolean): T[] {
    const taken: T[] = [];
    const kept: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) (matches(item) ? taken : kept).push(item);
    this.items = kept;
    this.head = 0;
    return taken;
  }
}
