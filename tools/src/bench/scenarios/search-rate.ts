const GROWTH = 1.3;
/** A rate that fails is tried once more, for a noisy neighbour on the machine is not our failure. */
const TRIES = 2;

export interface RateSearch {
  readonly first: number;
  /** Below it the search gives up. */
  readonly lowest: number;
  readonly highest: number;
}

/**
 * The highest rate that holds, found by rising steps of 30 % and then one half-step; by halving where the first does
 * not hold. 0 when none does.
 */
export async function highestHeld(
  { first, lowest, highest }: RateSearch,
  holdsOnce: (rate: number) => Promise<boolean>,
): Promise<number> {
  const holds = async (rate: number) => {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      if (await holdsOnce(rate)) return true;
    }
    return false;
  };

  let held = first;
  while (!(await holds(held))) {
    held = Math.round(held / 2);
    if (held < lowest) return 0;
  }
  if (held < first) return held;
  for (let rate = held; (rate = Math.round(rate * GROWTH)) <= highest; held = rate) {
    if (!(await holds(rate))) break;
  }
  const halfStep = Math.round(held * Math.sqrt(GROWTH));
  return halfStep <= highest && (await holds(halfStep)) ? halfStep : held;
}
