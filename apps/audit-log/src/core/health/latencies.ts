/**
 * Upper bounds of the classes that durations are counted in, in milliseconds; the last class has none. Each is about half
 * as much again as the one before: a percentile read from them is at most that much too high.
 */
const BOUNDS_MS: readonly number[] = [
  5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000,
  20_000, 30_000,
];

/** How many attempts took how long: a count of each class. */
export type Latencies = readonly number[];

export function noLatencies(): number[] {
  return Array<number>(BOUNDS_MS.length + 1).fill(0);
}

/** The class, and so the place in the counts, of a duration. */
export function latencyClassOf(durationMs: number): number {
  const found = BOUNDS_MS.findIndex((bound) => durationMs <= bound);
  return found === -1 ? BOUNDS_MS.length : found;
}

/**
 * The bound of the class that the share of all lies in, in milliseconds; `null` where nothing was counted. Of what took
 * longer than the last bound that bound is told.
 *
 * @param share 0 to 1
 */
export function percentileMs(latencies: Latencies, share: number): number | null {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * share);
  const index = latencies.findIndex((count) => (left -= count) <= 0);
  return BOUNDS_MS[index] ?? BOUNDS_MS.at(-1) ?? null;
}
