import { type SeededRandom } from '../../clock/seeded-random.js';

export type Health = 'healthy' | 'hanging' | 'refusing' | 'flapping' | 'slow';

/** Shares of all endpoints. */
export interface Sickness {
  /** Half of them hang until the timeout, half refuse. */
  readonly down: number;
  /** Answer for ten seconds and refuse for ten seconds. */
  readonly flapping: number;
  /** Take two to five seconds. */
  readonly slow: number;
}

export function healthsOf(count: number, { down, flapping, slow }: Sickness, random: SeededRandom): readonly Health[] {
  return Array.from({ length: count }, () => {
    const drawn = random.next();
    if (drawn < down / 2) return 'hanging';
    if (drawn < down) return 'refusing';
    if (drawn < down + flapping) return 'flapping';
    return drawn < down + flapping + slow ? 'slow' : 'healthy';
  });
}

/** Draws ranks by Zipf's law with exponent 1: the n-th gets 1/n of what the first gets. */
export class Zipf {
  readonly #cumulated: Float64Array;

  constructor(ranks: number) {
    this.#cumulated = new Float64Array(ranks);
    let sum = 0;
    for (let rank = 0; rank < ranks; rank += 1) this.#cumulated[rank] = sum += 1 / (rank + 1);
  }

  /** From 0. */
  draw(random: SeededRandom): number {
    const wanted = random.next() * (this.#cumulated.at(-1) ?? 0);
    let low = 0;
    let high = this.#cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulated[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
