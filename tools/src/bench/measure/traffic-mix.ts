/** A part of the traffic, spread evenly over its types. */
export interface TrafficShare {
  readonly types: readonly string[];
  /** Of all events, 0–1. */
  readonly share: number;
}

/**
 * Which event has which type: event n has type `pattern[n % pattern.length]`. Types come as evenly spaced as their shares
 * allow, so that none comes in bursts.
 *
 * @param shares sum to 1
 */
export function trafficPattern(shares: readonly TrafficShare[], length: number): string[] {
  const weighted = shares.flatMap(({ types, share }) => types.map((type) => ({ type, weight: share / types.length })));
  const owed = weighted.map(() => 0);
  return Array.from({ length }, () => {
    let most = 0;
    weighted.forEach(({ weight }, n) => {
      owed[n] = (owed[n] ?? 0) + weight;
      if ((owed[n] ?? 0) > (owed[most] ?? 0)) most = n;
    });
    owed[most] = (owed[most] ?? 0) - 1;
    return weighted[most]?.type ?? '';
  });
}
