import type { DeliveryId } from '@hookstream/domain';

/** What makes two delivery records one piece of work. */
export interface HandledKey {
  readonly id: DeliveryId;
  readonly run: string;
  readonly attempt: number;
  readonly hops: number;
}

/** Repeats further apart than this many records of a partition are delivered again. */
export const DEFAULT_HANDLED_KEYS = 100_000;

/** Stands for every number of hops: a record of an attempt that was made is a repeat, however it came. */
const ANY_HOPS = 0xffff;
const KEY_WORDS = 5;
const ID_WORDS = 3;
const ID_PREFIX_LENGTH = 'dlv_'.length;
/** What `deliveryId` makes: its digits are a hash already. */
const HASHED_ID = /^dlv_[0-9a-f]{32}$/;

/**
 * The last keys seen in a partition. Whoever writes a delivery twice (a router or scheduler that crashed before its
 * commit) writes the same key twice.
 *
 * Keys lie in one typed array in order of arrival, found through an open-addressed index (linear probing, a load of at
 * most a half): 3 MB per partition at the default, nothing for the garbage collector to walk. A key is 96 bits of
 * the delivery's id, 32 of the run's hash, 16 each of attempt and hops, compared whole.
 */
export class HandledKeys {
  /** Nothing is taken until the first key comes: most partitions of some topics never see one. */
  private keys = new Uint32Array(0);
  private index = new Int32Array(0);
  private readonly mask: number;
  private readonly candidate = new Uint32Array(KEY_WORDS);
  private added = 0;

  constructor(private readonly capacity: number = DEFAULT_HANDLED_KEYS) {
    this.mask = 2 ** Math.ceil(Math.log2(capacity * 2)) - 1;
  }

  /**
   * True where the key is new, and no record of its attempt has begun. The oldest one is forgotten for it where there is
   * no room.
   */
  add(key: HandledKey): boolean {
    return this.slotOf(key, ANY_HOPS) === -1 && this.insert(key, key.hops);
  }

  /**
   * The attempt of an added record begins: from now on every record of it is a repeat, however often it hopped. False
   * where that was so already: two records of one attempt, added both before either began.
   */
  begin(key: HandledKey): boolean {
    if (this.slotOf(key, ANY_HOPS) !== -1) return false;
    const slot = this.slotOf(key, key.hops);
    if (slot === -1) return this.insert(key, ANY_HOPS);
    this.replace(slot, key, ANY_HOPS);
    return true;
  }

  /** The attempt of a record did not begin after all: the record is what it was, and may come again by another way. */
  retract(key: HandledKey): void {
    const slot = this.slotOf(key, ANY_HOPS);
    if (slot !== -1) this.replace(slot, key, key.hops);
  }

  /** Whether a record of its attempt has begun. */
  hasBegun(attempt: Omit<HandledKey, 'hops'>): boolean {
    return this.slotOf(attempt, ANY_HOPS) !== -1;
  }

  /** An attempt that a former owner of the partition has made. */
  recall(attempt: Omit<HandledKey, 'hops'>): void {
    this.insert(attempt, ANY_HOPS);
  }

  /** -1 where it is not known. */
  private slotOf(key: Omit<HandledKey, 'hops'>, hops: number): number {
    this.load(key, hops);
    return this.index[this.placeOf(this.candidate)] ?? -1;
  }

  private insert(key: Omit<HandledKey, 'hops'>, hops: number): boolean {
    this.load(key, hops);
    if (this.index.length === 0) this.allocate();
    let place = this.placeOf(this.candidate);
    if (this.index[place] !== -1) return false;
    const slot = this.added % this.capacity;
    if (this.added >= this.capacity) {
      this.forget(slot);
      place = this.placeOf(this.candidate);
    }
    this.keys.set(this.candidate, slot * KEY_WORDS);
    this.index[place] = slot;
    this.added += 1;
    return true;
  }

  private replace(slot: number, key: HandledKey, hops: number): void {
    this.forget(slot);
    this.load(key, hops);
    this.keys.set(this.candidate, slot * KEY_WORDS);
    this.index[this.placeOf(this.candidate)] = slot;
  }

  private allocate(): void {
    this.keys = new Uint32Array(this.capacity * KEY_WORDS);
    this.index = new Int32Array(this.mask + 1).fill(-1);
  }

  private load({ id, run, attempt }: Omit<HandledKey, 'hops'>, hops: number): void {
    const hashed = HASHED_ID.test(id);
    for (let word = 0; word < ID_WORDS; word += 1) {
      const start = ID_PREFIX_LENGTH + word * 8;
      this.candidate[word] = hashed ? Number.parseInt(id.slice(start, start + 8), 16) : hashText(`${word}${id}`);
    }
    this.candidate[3] = run === '0' ? 0 : hashText(run);
    this.candidate[4] = ((attempt & 0xffff) << 16) | (hops & 0xffff);
  }

  /** Where the key is in the index, or the free place where it would be. */
  private placeOf(words: Uint32Array): number {
    let place = this.homeOf(words, 0);
    for (;;) {
      const slot = this.index[place] ?? -1;
      if (slot === -1 || this.equals(slot, words)) return place;
      place = (place + 1) & this.mask;
    }
  }

  private equals(slot: number, words: Uint32Array): boolean {
    const start = slot * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word += 1) if (this.keys[start + word] !== words[word]) return false;
    return true;
  }

  private homeOf(words: Uint32Array, start: number): number {
    const mixed = Math.imul((words[start] ?? 0) ^ (words[start + 3] ?? 0), 0x9e3779b1) ^ (words[start + 4] ?? 0);
    return (mixed ^ (mixed >>> 15)) & this.mask;
  }

  /** Takes a slot out of the index and closes the gap, so that every probe still ends at a free place. */
  private forget(slot: number): void {
    let free = this.homeOf(this.keys, slot * KEY_WORDS);
    while (this.index[free] !== slot) free = (free + 1) & this.mask;
    for (let place = (free + 1) & this.mask; this.index[place] !== -1; place = (place + 1) & this.mask) {
      const other = this.index[place] ?? -1;
      const home = this.homeOf(this.keys, other * KEY_WORDS);
      const probed = (place - home) & this.mask;
      if (probed < ((place - free) & this.mask)) continue;
      this.index[free] = other;
      free = place;
    }
    this.index[free] = -1;
  }
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
