/**
 * The start times of an open loop: request n is due at a fixed moment, whatever became of those before it. Latencies
 * counted from that moment hold what a slow system would otherwise hide by slowing down who asks it ("coordinated
 * omission").
 */
export interface Schedule {
  readonly startsAtMs: number;
  readonly perSecond: number;
  readonly count: number;
}

export function dueAtMs({ startsAtMs, perSecond }: Schedule, n: number): number {
  return startsAtMs + (n * 1_000) / perSecond;
}

/** How many are due by `nowMs`. */
export function dueBy({ startsAtMs, perSecond, count }: Schedule, nowMs: number): number {
  if (nowMs < startsAtMs) return 0;
  return Math.min(count, Math.floor(((nowMs - startsAtMs) * perSecond) / 1_000) + 1);
}

/**
 * From the scheduled moment to the arrival, in milliseconds, of the events from number `from` on that have arrived.
 *
 * @param arrivals by number; NaN for what has not arrived
 */
export function latenciesMs(schedule: Schedule, arrivals: Float64Array, from: number): Float64Array {
  return arrivals
    .map((arrivedAt, n) => arrivedAt - dueAtMs(schedule, n))
    .subarray(from)
    .filter((latency) => !Number.isNaN(latency));
}
