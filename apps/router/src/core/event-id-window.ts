import type { EventId } from '@hookstream/domain';

const WORDS = 4;
const FIRST_CAPACITY = 1_024;

/**
 * The last event ids that were handled. Ids are kept as their 128 bits in two flat arrays, about 30 bytes each at the
 * default size: a set of strings would take four times as much, all of it walked by the garbage collector.
 */
export class EventIdWindow {
  /** The ids, oldest overwritten first. */
  private ring = new Uint32Array(FIRST_CAPACITY * WORDS);
  /** Open addressing by an id's first word: index into the ring plus one, 0 for free; at most half full. */
  private slots = new Int32Array(FIRST_CAPACITY * 2);
  private size = 0;
  private next = 0;

  /** @param capacity ids kept, at least 1; the arrays grow up to it */
  constructor(private readonly capacity: number) {}

  has(id: EventId): boolean {
    return this.slots[this.slotOf(wordsOf(id))] !== 0;
  }

  /** Puts an id in, and the oldest out where the window is full. An id that is in already stays where it is. */
  add(id: EventId): void {
    const words = wordsOf(id);
    if (this.slots[this.slotOf(words)] !== 0) return;
    if (this.size === this.capacity) this.forget(this.next);
    else if (this.size === this.ring.length / WORDS) this.grow();
    this.ring.set(words, this.next * WORDS);
    this.slots[this.slotOf(words)] = this.next + 1;
    this.size += 1;
    this.next = this.size < this.capacity ? this.size : (this.next + 1) % this.capacity;
  }

  /** The slot that holds the id, else the free one where it would go. */
  private slotOf(words: Uint32Array): number {
    const mask = this.slots.length - 1;
    let slot = (words[0] ?? 0) & mask;
    for (;;) {
      const index = this.slots[slot] ?? 0;
      if (index === 0 || this.holds(index - 1, words)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private holds(index: number, words: Uint32Array): boolean {
    for (let word = 0; word < WORDS; word += 1) {
      if (this.ring[index * WORDS + word] !== words[word]) return false;
    }
    return true;
  }

  /** Frees an id's slot and moves back what had to step over it, so that no search ends too early. */
  private forget(index: number): void {
    const mask = this.slots.length - 1;
    let free = this.slotOf(this.ring.subarray(index * WORDS, (index + 1) * WORDS));
    this.size -= 1;
    for (let slot = (free + 1) & mask; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (this.ring[((this.slots[slot] ?? 1) - 1) * WORDS] ?? 0) & mask;
      if (((slot - home) & mask) < ((slot - free) & mask)) continue;
      this.slots[free] = this.slots[slot] ?? 0;
      free = slot;
    }
    this.slots[free] = 0;
  }

  private grow(): void {
    const former = this.ring;
    this.ring = new Uint32Array(former.length * 2);
    this.ring.set(former);
    this.slots = new Int32Array(this.slots.length * 2);
    for (let index = 0; index < this.size; index += 1) {
      this.slots[this.slotOf(former.subarray(index * WORDS, (index + 1) * WORDS))] = index + 1;
    }
  }
}

const HEXADECIMAL_ID = /^evt_[0-9a-f]{32}$/;

function wordsOf(id: EventId): Uint32Array {
  if (!HEXADECIMAL_ID.test(id)) throw new Error(`"${id}" is no event id of 128 bits`);
  const words = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word += 1) {
    words[word] = Number.parseInt(id.slice(4 + word * 8, 12 + word * 8), 16);
  }
  return words;
}
