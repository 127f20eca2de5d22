import { percentile } from './percentiles.js';

/** The one in the middle by a measure, the lower one of two. @throws RangeError where there is none */
export function medianBy<T>(items: readonly T[], measure: (item: T) => number): T {
  const sorted = items.toSorted((a, b) => measure(a) - measure(b));
  const middle = sorted[(sorted.length - 1) >> 1];
  if (middle === undefined) throw new RangeError('there is no median of nothing');
  return middle;
}

/**
 * The p99 of a stretch of time as it usually is: the median of those of equal parts. A neighbour on the machine that takes
 * the processors for a second decides the p99 of a whole measurement, but only one of these.
 *
 * @param values in the order of time, at a steady rate
 */
export function usualP99(values: Float64Array, parts: number): number {
  const length = Math.floor(values.length / parts);
  const p99s = Array.from({ length: parts }, (_, n) =>
    percentile(values.slice(n * length, (n + 1) * length).sort(), 99),
  );
  return medianBy(p99s, (p99) => p99);
}
