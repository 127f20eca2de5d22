/** The record lies in `deliveries.fifo`, at its position. Other places are offsets in `fifo.hold`. */
export const IN_SOURCE = -1;
/** It was written to `fifo.hold` and has not been read there yet. */
export const ON_ITS_WAY = -2;

const COMPACT_FROM = 256;

/**
 * What waits for its turn: positions in rising order, each with the place of its newest record. Two numbers for each,
 * whatever the records weigh. Appending and taking the first are O(1), all else is a binary search and, rarely, a copy.
 */
export class PositionQueue {
  private positions: number[] = [];
  private places: number[] = [];
  private head = 0;

  get length(): number {
    return this.positions.length - this.head;
  }

  /** The lowest position. */
  get first(): number | undefined {
    return this.positions[this.head];
  }

  placeOf(position: number): number | undefined {
    const index = this.search(position);
    return this.positions[index] === position ? this.places[index] : undefined;
  }

  /** How many positions are lower. */
  rankOf(position: number): number {
    return this.search(position) - this.head;
  }

  /** Adds a position, or gives it another place. */
  put(position: number, place: number): void {
    const index = this.search(position);
    if (this.positions[index] === position) {
      this.places[index] = place;
      return;
    }
    this.positions.splice(index, 0, position);
    this.places.splice(index, 0, place);
  }

  delete(position: number): void {
    const index = this.search(position);
    if (this.positions[index] !== position) return;
    if (index === this.head) this.head += 1;
    else this.cutAt(index);
    if (this.head < COMPACT_FROM || this.head * 2 < this.positions.length) return;
    this.positions = this.positions.slice(this.head);
    this.places = this.places.slice(this.head);
    this.head = 0;
  }

  private cutAt(index: number): void {
    this.positions.splice(index, 1);
    this.places.splice(index, 1);
  }

  /** Index of the first position that is not lower. */
  private search(position: number): number {
    let low = this.head;
    let high = this.positions.length;
    if (high > low && (this.positions[high - 1] ?? 0) < position) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.positions[middle] ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
